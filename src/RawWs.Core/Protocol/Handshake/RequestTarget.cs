using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Unicode;

namespace RawWs.Protocol;

/// <summary>What a request line asks for (RFC 9112 §3.2), in origin-form or absolute-form.</summary>
/// <param name="Path">
/// The path, percent-decoded except for %2F and %25, which stay what they are: a slash in a name is not a separator, and decoding twice would not
/// make it one. Begins with a slash and has no dot segments: a client resolves those itself, so that one that is sent is meant to escape.
/// </param>
/// <param name="Query">What follows the question mark, as it was sent; empty if there is none.</param>
internal readonly record struct RequestTarget(string Path, string Query)
{
    private static ReadOnlySpan<byte> SchemeEnd => "://"u8;

    /// <summary>Reads a request target.</summary>
    /// <exception cref="RequestRefusedException">It is neither origin-form nor absolute-form, or holds what must be escaped.</exception>
    public static RequestTarget Read(ReadOnlySpan<byte> target)
    {
        if (!HttpGrammar.IsTarget(target))
            throw Refused();

        var local = target[0] == '/' ? target : SkipAuthority(target);
        var question = local.IndexOf((byte)'?');
        var path = question < 0 ? local : local[..question];
        var query = question < 0 ? default : local[(question + 1)..];

        return new RequestTarget(DecodePath(path), Encoding.ASCII.GetString(query));
    }

    /// <summary>Whether a request target that has been read is for this host: in absolute-form it names one itself, and says nothing of it in origin-form.</summary>
    public static bool IsFor(ReadOnlySpan<byte> target, ReadOnlySpan<byte> host)
    {
        if (target[0] == '/')
            return true;

        var scheme = target[..target.IndexOf(SchemeEnd)];
        var authority = target[(scheme.Length + SchemeEnd.Length)..^SkipAuthority(target).Length];
        var defaultPort = Ascii.EqualsIgnoreCase(scheme, "https"u8) || Ascii.EqualsIgnoreCase(scheme, "wss"u8) ? ":443"u8 : ":80"u8;
        return Ascii.EqualsIgnoreCase(Without(defaultPort, authority), Without(defaultPort, host));
    }

    private static ReadOnlySpan<byte> Without(ReadOnlySpan<byte> ending, ReadOnlySpan<byte> text) => text.EndsWith(ending) ? text[..^ending.Length] : text;

    // RFC 9112 §3.2.2: "a server MUST accept the absolute-form in requests even though most HTTP/1.1 clients will only send [it] to proxies".
    private static ReadOnlySpan<byte> SkipAuthority(ReadOnlySpan<byte> target)
    {
        var schemeLength = target.IndexOf(SchemeEnd);
        if (schemeLength < 0 || !IsScheme(target[..schemeLength]))
            throw Refused();

        var rest = target[(schemeLength + SchemeEnd.Length)..];
        var authorityLength = rest.IndexOfAny((byte)'/', (byte)'?');
        var authority = authorityLength < 0 ? rest : rest[..authorityLength];
        if (!HttpGrammar.IsHost(authority))
            throw Refused();

        return rest[authority.Length..];
    }

    private static bool IsScheme(ReadOnlySpan<byte> scheme)
        => Ascii.EqualsIgnoreCase(scheme, "http"u8) || Ascii.EqualsIgnoreCase(scheme, "https"u8)
            || Ascii.EqualsIgnoreCase(scheme, "ws"u8) || Ascii.EqualsIgnoreCase(scheme, "wss"u8);

    private static string DecodePath(ReadOnlySpan<byte> path)
    {
        // RFC 6455 §3: "/" if the path component is empty.
        if (path.IsEmpty)
            return "/";

        var decoded = path.Contains((byte)'%') ? DecodePercent(path) : Encoding.ASCII.GetString(path);
        if (HasDotSegment(decoded))
            throw Refused();

        return decoded;
    }

    private static string DecodePercent(ReadOnlySpan<byte> path)
    {
        var decoded = new byte[path.Length];
        var length = 0;

        for (var index = 0; index < path.Length; index++)
        {
            var octet = path[index];
            var isEscaped = octet == '%';
            if (isEscaped && (!Utf8Parser.TryParse(path.Slice(index + 1, Math.Min(2, path.Length - index - 1)), out octet, out var digits, 'x') || digits != 2))
                throw Refused();

            // What would be a control character or a separator once decoded is no part of a name.
            if (isEscaped && octet is < 0x20 or 0x7F or (byte)'\\')
                throw Refused();

            if (isEscaped && octet is (byte)'/' or (byte)'%')
            {
                (octet == '/' ? "%2F"u8 : "%25"u8).CopyTo(decoded.AsSpan(length));
                length += 3;
            }
            else
            {
                decoded[length++] = octet;
            }

            index += isEscaped ? 2 : 0;
        }

        if (!Utf8.IsValid(decoded.AsSpan(0, length)))
            throw Refused();

        // Nor are those control characters that are not ASCII's: a terminal that shows a log obeys them just as well.
        var text = Encoding.UTF8.GetString(decoded, 0, length);
        return text.AsSpan().ContainsAnyInRange('\u0080', '\u009F') ? throw Refused() : text;
    }

    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        foreach (var range in path.Split('/'))
        {
            if (path[range] is "." or "..")
                return true;
        }

        return false;
    }

    private static RequestRefusedException Refused() => new(HttpStatusCode.BadRequest, "the request target is malformed");
}
