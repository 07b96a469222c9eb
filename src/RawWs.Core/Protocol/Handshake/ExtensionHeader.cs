using System.Buffers;
using System.Net;
using System.Text;

namespace RawWs.Protocol;

/// <summary>
/// Reads <c>Sec-WebSocket-Extensions</c> (RFC 6455 §9.1), over all its lines, each byte once:
/// <code>
/// extension-list  = 1#extension
/// extension       = extension-token *( ";" extension-param )
/// extension-param = token [ "=" (token | quoted-string) ]    ; unquoted, the value must be a token
/// </code>
/// </summary>
internal static class ExtensionHeader
{
    private static readonly SearchValues<byte> Separators = SearchValues.Create(" \t,;=\""u8);

    /// <returns>What the client offers, what it prefers first.</returns>
    /// <exception cref="RequestRefusedException">
    /// §9.1: "If a value is received by either the client or the server during negotiation that does not conform to the ABNF below, the recipient of such
    /// malformed data MUST immediately _Fail the WebSocket Connection_."
    /// </exception>
    public static IReadOnlyList<ExtensionOffer> Read(RequestHead head)
    {
        var index = head.IndexOf("Sec-WebSocket-Extensions"u8);
        if (index < 0)
            return [];

        var offers = new List<ExtensionOffer>();
        for (; index >= 0; index = head.IndexOf("Sec-WebSocket-Extensions"u8, index + 1))
            ReadLine(head.ValueOf(index), offers);

        return offers.Count > 0 ? offers : throw Refused();
    }

    private static void ReadLine(ReadOnlySpan<byte> line, List<ExtensionOffer> offers)
    {
        while (true)
        {
            // RFC 9110 §5.6.1.2: "A recipient MUST parse and ignore a reasonable number of empty list elements".
            SkipSpace(ref line);
            while (TrySkip(ref line, ','))
                SkipSpace(ref line);

            if (line.IsEmpty)
                return;

            offers.Add(ReadOffer(ref line));

            if (!line.IsEmpty && !TrySkip(ref line, ','))
                throw Refused();
        }
    }

    private static ExtensionOffer ReadOffer(ref ReadOnlySpan<byte> line)
    {
        var name = ReadToken(ref line);
        var parameters = new List<KeyValuePair<string, string?>>();
        SkipSpace(ref line);

        while (TrySkip(ref line, ';'))
        {
            SkipSpace(ref line);
            var parameter = ReadToken(ref line);
            SkipSpace(ref line);

            string? value = null;
            if (TrySkip(ref line, '='))
            {
                SkipSpace(ref line);
                value = TrySkip(ref line, '"') ? ReadQuoted(ref line) : ReadToken(ref line);
                SkipSpace(ref line);
            }

            parameters.Add(new(parameter, value));
        }

        return new ExtensionOffer(name, parameters);
    }

    private static string ReadToken(ref ReadOnlySpan<byte> line)
    {
        var length = line.IndexOfAny(Separators);
        var token = length < 0 ? line : line[..length];
        if (!HttpGrammar.IsToken(token))
            throw Refused();

        line = line[token.Length..];
        return Encoding.ASCII.GetString(token);
    }

    // "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the 'token' ABNF."
    private static string ReadQuoted(ref ReadOnlySpan<byte> line)
    {
        var value = new StringBuilder();
        for (var index = 0; index < line.Length; index++)
        {
            switch (line[index])
            {
                case (byte)'"':
                    line = line[(index + 1)..];
                    return HttpGrammar.IsToken(value.ToString()) ? value.ToString() : throw Refused();

                case (byte)'\\' when ++index < line.Length:
                    value.Append((char)line[index]);
                    break;

                default:
                    value.Append((char)line[Math.Min(index, line.Length - 1)]);
                    break;
            }
        }

        throw Refused();
    }

    private static void SkipSpace(ref ReadOnlySpan<byte> line) => line = line.TrimStart(" \t"u8);

    private static bool TrySkip(ref ReadOnlySpan<byte> line, char expected)
    {
        if (line.IsEmpty || line[0] != expected)
            return false;

        line = line[1..];
        return true;
    }

    private static RequestRefusedException Refused() => new(HttpStatusCode.BadRequest, "Sec-WebSocket-Extensions is malformed");
}
