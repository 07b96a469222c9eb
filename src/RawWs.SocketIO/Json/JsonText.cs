using System.Text.Json;

namespace RawWs.SocketIO.Json;

/// <summary>Reads strings of JSON that others have written. JavaScript has such with half a surrogate pair in them, which are no text: they can't be read.</summary>
internal static class JsonText
{
    /// <summary>A string.</summary>
    /// <returns>Null if it is none, or no text.</returns>
    public static string? Of(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, here and below.
            return null;
        }
    }

    /// <summary>The name of a member.</summary>
    /// <returns>Null if it is no text.</returns>
    public static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A member of an object.</summary>
    /// <returns>Undefined if it is no object, or there is none of this name that can be found beside others that are no text.</returns>
    public static JsonElement Member(JsonElement element, ReadOnlySpan<byte> name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
