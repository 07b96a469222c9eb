using System.Buffers;

namespace RawWs.Protocol;

/// <summary>The character sets of HTTP/1.1 that a request head and a response are held against (RFC 9110 §5, RFC 3986).</summary>
internal static class HttpGrammar
{
    /// <summary>What a token is made of, for those who are told that theirs is none.</summary>
    public const string TokenCharacters = "letters, digits and " + TokenSigns;

    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string TokenSigns = "!#$%&'*+-.^_`|~";

    private static readonly SearchValues<char> TokenChars = SearchValues.Create(TokenSigns + Alphanumeric);
    private static readonly SearchValues<byte> TokenBytes = ToBytes(TokenSigns + Alphanumeric);

    // Everything but CTL (horizontal tab is no CTL here): field-vchar, obs-text, SP and HTAB of RFC 9110 §5.5.
    private static readonly SearchValues<byte> FieldValueBytes = SearchValues.Create(
        [(byte)'\t', .. Enumerable.Range(0x20, 0x100 - 0x20).Where(value => value != 0x7F).Select(value => (byte)value)]);

    // What WHATWG's URL serializer leaves unescaped, a superset of RFC 3986: browsers send | and { as they are. They turn a backslash into a slash.
    private static readonly SearchValues<byte> TargetBytes = ToBytes("-._~:/?[]@!$&'()*+,;=%|{}^`" + Alphanumeric);

    // RFC 3986 §3.2.2: reg-name. IPv6 literals are told apart by their brackets.
    private static readonly SearchValues<byte> RegNameBytes = ToBytes("-._~!$&'()*+,;=%" + Alphanumeric);
    private static readonly SearchValues<byte> IpLiteralBytes = ToBytes(":.0123456789abcdefABCDEF");

    /// <summary>RFC 9110 §5.6.2: <c>token = 1*tchar</c>.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    /// <inheritdoc cref="IsToken(ReadOnlySpan{byte})"/>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    /// <summary>Whether a received header value has none of the bytes that split or end a line elsewhere: CR, LF, NUL, other controls.</summary>
    public static bool IsFieldValue(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(FieldValueBytes);

    /// <summary>Whether a header value may be sent: visible ASCII, spaces and tabs.</summary>
    public static bool IsSendableFieldValue(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (character is not ('\t' or (>= ' ' and <= '~')))
                return false;
        }

        return true;
    }

    /// <summary>Whether every byte may stand in a request target, percent signs not yet judged.</summary>
    public static bool IsTarget(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TargetBytes);

    /// <summary>RFC 9110 §7.2: <c>Host = uri-host [ ":" port ]</c>, and not empty, for here a host there must be.</summary>
    public static bool IsHost(ReadOnlySpan<byte> text)
    {
        var hostLength = text.StartsWith("["u8) ? text.IndexOf((byte)']') + 1 : text.IndexOf((byte)':');
        var host = hostLength < 0 ? text : text[..hostLength];
        var port = text[host.Length..];

        var isHost = host.StartsWith("["u8)
            ? host.Length > 2 && !host[1..^1].ContainsAnyExcept(IpLiteralBytes)
            : !host.IsEmpty && !host.ContainsAnyExcept(RegNameBytes);

        return isHost && (port.IsEmpty || (port[0] == ':' && port.Length <= 6 && !port[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9')));
    }

    /// <summary>Cuts optional white space, RFC 9110 §5.6.3, from both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    private static SearchValues<byte> ToBytes(string characters) => SearchValues.Create([.. characters.Select(character => (byte)character)]);
}
