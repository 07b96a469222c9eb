using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RawWs.Fuzz;

/// <summary>A chunked body read a second time, with regular expressions written down from RFC 9112 §7.1, sharing no line with the code under test.</summary>
/// <param name="Body">The body.</param>
/// <param name="Length">Bytes on the wire, trailers included.</param>
internal sealed partial record PlainChunks(byte[] Body, int Length)
{
    /// <summary>Reads a body.</summary>
    /// <returns>Null if the bytes do not begin with a whole body within the limits.</returns>
    public static PlainChunks? Read(byte[] bytes, long maxLength)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var (body, at, extensions) = (new List<byte>(), 0, 0);
        while (true)
        {
            var line = SizeLine().Match(text, at);
            extensions += line.Groups["extension"].Length;
            if (!line.Success || line.Length > 256 || extensions > 4_096)
                return null;

            at += line.Length;
            var size = ulong.Parse(line.Groups["size"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size > (ulong)(maxLength - body.Count))
                return null;

            if (size == 0)
                return ReadEnd(text, at, body);

            if ((ulong)(text.Length - at) < size + 2 || text.Substring(at + (int)size, 2) != "\r\n")
                return null;

            body.AddRange(bytes.AsSpan(at, (int)size));
            at += (int)size + 2;
        }
    }

    private static PlainChunks? ReadEnd(string text, int at, List<byte> body)
    {
        var end = Trailers().Match(text, at);
        return end.Success && end.Length <= 4_096 ? new PlainChunks([.. body], at + end.Length) : null;
    }

    [GeneratedRegex(@"\G(?<size>[0-9A-Fa-f]{1,16})(?<extension>;[\t\x20-\x7E\x80-\xFF]*)?\r\n", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex SizeLine();

    [GeneratedRegex(@"\G([-!#$%&'*+.^_`|~0-9A-Za-z]+:[\t\x20-\x7E\x80-\xFF]*\r\n)*\r\n", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Trailers();
}
