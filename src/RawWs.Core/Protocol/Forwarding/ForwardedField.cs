using System.Net;
using System.Text;

namespace RawWs.Protocol;

/// <summary>
/// <c>Forwarded</c> (RFC 7239 §4), an element for each proxy, the last one's at the right:
/// <code>
/// Forwarded         = 1#forwarded-element
/// forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
/// forwarded-pair    = token "=" ( token / quoted-string )
/// </code>
/// </summary>
/// <remarks>
/// Stricter than with the older fields: one that is malformed anywhere is refused, and so is one of more elements than proxies are believed. A quote that a client leaves
/// open would swallow what a proxy has written behind it. Laxer than the grammar in one thing: there may be white space around a semicolon, as some proxies write it.
/// </remarks>
internal static class ForwardedField
{
    /// <summary>The longest value that is looked into: more than any address with its port.</summary>
    private const int MaxValueLength = 64;

    /// <summary>The name of the field.</summary>
    public static ReadOnlySpan<byte> Name => "Forwarded"u8;

    /// <summary>Reads the field of a request.</summary>
    /// <exception cref="RequestRefusedException">It is malformed, or has too many elements.</exception>
    public static ForwardedClient Read(RequestHead head, TrustedNetworks trusted)
    {
        if (head.IndexOf(Name) < 0)
            return default;

        var elements = new List<ForwardedClient>();
        for (var field = head.IndexOf(Name); field >= 0; field = head.IndexOf(Name, field + 1))
            ReadElements(head.ValueOf(field), elements);

        IPEndPoint? client = null;
        bool? isSecure = null;
        for (var index = elements.Count - 1; index >= 0; index--)
        {
            isSecure = elements[index].IsSecure;
            if (elements[index].EndPoint is not { } node)
                break;

            client = node;
            if (!trusted.Contains(node.Address))
                break;
        }

        return new ForwardedClient(client, isSecure);
    }

    private static void ReadElements(ReadOnlySpan<byte> rest, List<ForwardedClient> elements)
    {
        do
        {
            if (elements.Count == ForwardedClient.MaxProxyCount)
                throw Refused("the Forwarded header has too many elements");

            elements.Add(ReadElement(ref rest));
        }
        while (TrySkip(ref rest, (byte)','));

        if (!rest.IsEmpty)
            throw Malformed();
    }

    private static ForwardedClient ReadElement(ref ReadOnlySpan<byte> rest)
    {
        var element = default(ForwardedClient);
        var (hasFor, hasProto) = (false, false);
        Span<byte> room = stackalloc byte[MaxValueLength];
        do
        {
            rest = rest.TrimStart(" \t"u8);
            if (rest.IsEmpty || rest[0] is (byte)';' or (byte)',')
                continue;

            var name = TakeUntil(ref rest, "="u8);
            if (!HttpGrammar.IsToken(name) || rest.IsEmpty)
                throw Malformed();

            rest = rest[1..];
            var value = room[..ReadValue(ref rest, room)];

            // §4: "Each parameter MUST NOT occur more than once per field-value."
            if (Ascii.EqualsIgnoreCase(name, "for"u8))
                element = hasFor ? throw Malformed() : element with { EndPoint = NodeName.Read(value, allowBareIPv6: false) };
            else if (Ascii.EqualsIgnoreCase(name, "proto"u8))
                element = hasProto ? throw Malformed() : element with { IsSecure = ForwardedScheme.IsSecure(value) };

            hasFor |= Ascii.EqualsIgnoreCase(name, "for"u8);
            hasProto |= Ascii.EqualsIgnoreCase(name, "proto"u8);
        }
        while (TrySkip(ref rest, (byte)';'));

        return element;
    }

    /// <summary>Reads a token or a quoted string (RFC 9110 §5.6.4), and writes down what it stands for.</summary>
    /// <returns>Its length; 0 if it is longer than anything that is looked into.</returns>
    private static int ReadValue(ref ReadOnlySpan<byte> rest, scoped Span<byte> room)
    {
        if (rest.StartsWith("\""u8))
            return ReadQuotedString(ref rest, room);

        var token = TakeUntil(ref rest, " \t;,"u8);
        if (!HttpGrammar.IsToken(token))
            throw Malformed();

        return token.TryCopyTo(room) ? token.Length : 0;
    }

    private static int ReadQuotedString(ref ReadOnlySpan<byte> rest, scoped Span<byte> room)
    {
        var length = 0;
        for (var index = 1; index < rest.Length; index++)
        {
            if (rest[index] == '"')
            {
                rest = rest[(index + 1)..];
                return length <= room.Length ? length : 0;
            }

            // quoted-pair: the backslash stands for what comes behind it.
            if (rest[index] == '\\' && ++index == rest.Length)
                break;

            if (length < room.Length)
                room[length] = rest[index];

            length++;
        }

        throw Malformed();
    }

    private static ReadOnlySpan<byte> TakeUntil(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> ends)
    {
        var length = rest.IndexOfAny(ends);
        var taken = length < 0 ? rest : rest[..length];
        rest = rest[taken.Length..];
        return taken;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> rest, byte separator)
    {
        rest = rest.TrimStart(" \t"u8);
        if (rest.IsEmpty || rest[0] != separator)
            return false;

        rest = rest[1..];
        return true;
    }

    private static RequestRefusedException Malformed() => Refused("the Forwarded header is malformed");

    private static RequestRefusedException Refused(string reason) => new(HttpStatusCode.BadRequest, reason);
}
