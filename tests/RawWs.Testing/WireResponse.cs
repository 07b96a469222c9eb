using System.Globalization;
using System.Text;

namespace RawWs.Testing;

/// <summary>An HTTP response as it was on the wire, its content taken out of its chunks.</summary>
/// <param name="Head">The status line and the header fields, with the empty line.</param>
/// <param name="Content">The content.</param>
public sealed record WireResponse(string Head, byte[] Content)
{
    /// <summary>The status.</summary>
    public int Status => int.Parse(Head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The content as text.</summary>
    public string Text => Encoding.UTF8.GetString(Content);

    /// <summary>Whether the server says that the connection ends with it.</summary>
    public bool Closes => Field("Connection") is "close";

    /// <summary>The value of a field, null if it is not there.</summary>
    /// <exception cref="InvalidDataException">It is there twice.</exception>
    public string? Field(string name) => FieldOf(Head, name);

    /// <summary>Whether a response with this head has no content, whatever it says.</summary>
    internal static bool NeverHasContent(string head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return head.Substring(9, 3) is "204" or "304" or ['1', ..];
    }

    /// <summary>Whether the content comes in chunks.</summary>
    internal static bool IsChunked(string head) => FieldOf(head, "Transfer-Encoding") is "chunked";

    /// <summary>How long the content is, null if it ends with the connection.</summary>
    internal static int? LengthOf(string head) => FieldOf(head, "Content-Length") is { } length ? int.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static string? FieldOf(string head, string name)
    {
        string[] values = [.. head.Split("\r\n").Where(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 2)..])];
        return values.Length <= 1 ? values.FirstOrDefault() : throw new InvalidDataException($"The response has {name} twice: {head}");
    }
}
