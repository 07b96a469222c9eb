using System.Text;

namespace RawWs.Protocol;

/// <summary>A copy of the header fields of a request, and what can be looked up in them. Immutable and thread-safe.</summary>
/// <remarks>
/// It is bytes in one piece, <c>*( field-name ":" field-value LF )</c>: a request is kept for as long as its connection, and little of it is ever asked for. No name has
/// a colon in it, and no value a line feed: the head was read strictly.
/// </remarks>
internal sealed class RequestFields
{
    private readonly byte[] _lines;
    private KeyValuePair<string, string>[]? _all;

    /// <summary>Copies the fields of a head that has been read.</summary>
    public RequestFields(RequestHead head)
    {
        var length = 0;
        for (var index = 0; index < head.FieldCount; index++)
            length += head.NameOf(index).Length + head.ValueOf(index).Length + 2;

        _lines = new byte[length];
        var rest = _lines.AsSpan();
        for (var index = 0; index < head.FieldCount; index++)
        {
            Append(head.NameOf(index), (byte)':', ref rest);
            Append(head.ValueOf(index), (byte)'\n', ref rest);
        }
    }

    /// <summary>All fields in their order, as they were sent. Made when somebody asks for the first time, and kept from then on.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All => _all ??= Decode();

    /// <summary>The value of the first field of this name, in any case of letters; null if there is none.</summary>
    public string? Find(string name)
    {
        ReadOnlySpan<byte> rest = _lines;
        while (TryReadLine(ref rest, out var candidate, out var value))
        {
            if (Ascii.EqualsIgnoreCase(candidate, name))
                return Encoding.Latin1.GetString(value);
        }

        return null;
    }

    /// <summary>The values of all fields of this name as one list (RFC 9110 §5.3); null if there is none.</summary>
    public string? FindList(string name)
    {
        string? list = null;
        ReadOnlySpan<byte> rest = _lines;
        while (TryReadLine(ref rest, out var candidate, out var value))
        {
            if (Ascii.EqualsIgnoreCase(candidate, name))
                list = list is null ? Encoding.Latin1.GetString(value) : $"{list}, {Encoding.Latin1.GetString(value)}";
        }

        return list;
    }

    /// <summary>The value of a cookie as it was sent (RFC 6265 §4.2), without quotes around it; null if there is none of this name.</summary>
    public string? FindCookie(string name)
    {
        ReadOnlySpan<byte> rest = _lines;
        while (TryReadLine(ref rest, out var header, out var value))
        {
            if (Ascii.EqualsIgnoreCase(header, "Cookie") && FindPair(Encoding.Latin1.GetString(value), ';', name) is { } cookie)
                return cookie.Length > 1 && cookie[0] == '"' && cookie[^1] == '"' ? cookie[1..^1] : cookie;
        }

        return null;
    }

    /// <summary>The first value of a parameter of a query, percent-decoded, with a space for each plus sign; null if there is none of this name.</summary>
    public static string? FindQueryValue(string query, string name)
        => FindPair(query, '&', name) is { } value ? Uri.UnescapeDataString(value.Replace('+', ' ')) : null;

    private static void Append(ReadOnlySpan<byte> part, byte end, ref Span<byte> rest)
    {
        part.CopyTo(rest);
        rest[part.Length] = end;
        rest = rest[(part.Length + 1)..];
    }

    /// <summary>Reads one line and moves <paramref name="rest"/> past it.</summary>
    /// <returns>Whether there is one.</returns>
    private static bool TryReadLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        if (rest.IsEmpty)
            return false;

        var (colon, end) = (rest.IndexOf((byte)':'), rest.IndexOf((byte)'\n'));
        name = rest[..colon];
        value = rest[(colon + 1)..end];
        rest = rest[(end + 1)..];
        return true;
    }

    private KeyValuePair<string, string>[] Decode()
    {
        var all = new List<KeyValuePair<string, string>>();
        ReadOnlySpan<byte> rest = _lines;
        while (TryReadLine(ref rest, out var name, out var value))
            all.Add(new(Encoding.ASCII.GetString(name), Encoding.Latin1.GetString(value)));

        return [.. all];
    }

    private static string? FindPair(string pairs, char separator, string name)
    {
        foreach (var range in pairs.AsSpan().Split(separator))
        {
            var pair = pairs.AsSpan(range).Trim();
            var equals = pair.IndexOf('=');
            var key = equals < 0 ? pair : pair[..equals];
            if (key.SequenceEqual(name))
                return equals < 0 ? "" : pair[(equals + 1)..].ToString();
        }

        return null;
    }
}
