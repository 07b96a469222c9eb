using System.Text;

namespace RawWs.Protocol;

/// <summary>A copy of the header fields of a request, and what can be looked up in them. Immutable.</summary>
internal sealed class RequestFields
{
    private readonly KeyValuePair<string, string>[] _fields;

    /// <summary>Copies the fields of a head that has been read.</summary>
    public RequestFields(RequestHead head)
    {
        _fields = new KeyValuePair<string, string>[head.FieldCount];
        for (var index = 0; index < _fields.Length; index++)
            _fields[index] = new(Encoding.ASCII.GetString(head.NameOf(index)), Encoding.Latin1.GetString(head.ValueOf(index)));
    }

    /// <summary>All fields in their order, as they were sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All => _fields;

    /// <summary>The value of the first field of this name, in any case of letters; null if there is none.</summary>
    public string? Find(string name)
    {
        foreach (var (candidate, value) in _fields)
        {
            if (candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }

    /// <summary>The values of all fields of this name as one list (RFC 9110 §5.3); null if there is none.</summary>
    public string? FindList(string name)
    {
        string? list = null;
        foreach (var (candidate, value) in _fields)
        {
            if (candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
                list = list is null ? value : $"{list}, {value}";
        }

        return list;
    }

    /// <summary>The value of a cookie as it was sent (RFC 6265 §4.2), without quotes around it; null if there is none of this name.</summary>
    public string? FindCookie(string name)
    {
        foreach (var (header, value) in _fields)
        {
            if (header.Equals("Cookie", StringComparison.OrdinalIgnoreCase) && FindPair(value, ';', name) is { } cookie)
                return cookie.Length > 1 && cookie[0] == '"' && cookie[^1] == '"' ? cookie[1..^1] : cookie;
        }

        return null;
    }

    /// <summary>The first value of a parameter of a query, percent-decoded, with a space for each plus sign; null if there is none of this name.</summary>
    public static string? FindQueryValue(string query, string name)
        => FindPair(query, '&', name) is { } value ? Uri.UnescapeDataString(value.Replace('+', ' ')) : null;

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
