using RawWs.Protocol;

namespace RawWs;

/// <summary>
/// From which web pages a browser may connect (RFC 6455 §10.2). Browsers send the page's origin with every opening handshake, and the
/// cookies of our host with it, a password that they keep for it or a client certificate, whatever page it is: without a policy, any page in the world could act as the
/// logged-in user.
/// Programs that are not browsers send no origin, or any they like; this is no protection from them.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class OriginPolicy
{
    private readonly Kind _kind;
    private readonly OriginPattern[] _patterns;

    private OriginPolicy(Kind kind, params OriginPattern[] patterns) => (_kind, _patterns) = (kind, patterns);

    /// <summary>
    /// The default. A request that carries both an origin and a cookie must come from a page of the same host and port as its <c>Host</c>, and so must one that carries what
    /// browsers add in the same way: <c>Authorization</c>, or a client certificate beneath it. One without any of them may come from anywhere, for it carries nobody's rights.
    /// </summary>
    public static OriginPolicy SameHostWithCookie { get; } = new(Kind.SameHostWithCookie);

    /// <summary>A request that carries an origin must come from a page of the same host and port as its <c>Host</c>.</summary>
    public static OriginPolicy SameHost { get; } = new(Kind.SameHost);

    /// <summary>Any origin. For services that are public or that do not know their users by a cookie.</summary>
    public static OriginPolicy Any { get; } = new(Kind.Any);

    /// <summary>Only the listed origins, and requests without an origin.</summary>
    /// <param name="origins">
    /// Each as a browser sends it, <c>https://example.com</c> or <c>http://localhost:8080</c>, where the default port is left out; or with
    /// <c>*.</c> before the host for all its subdomains, however deep, but not the host itself: <c>https://*.example.com</c>.
    /// </param>
    /// <exception cref="ArgumentException">There is none, or one is not of that form.</exception>
    public static OriginPolicy Allow(params IReadOnlyCollection<string> origins)
    {
        ArgumentNullException.ThrowIfNull(origins);
        if (origins.Count == 0)
            throw new ArgumentException("Name at least one origin, or use OriginPolicy.Any.", nameof(origins));

        return new OriginPolicy(Kind.Listed, [.. origins.Select(OriginPattern.Parse)]);
    }

    /// <summary>Judges one opening handshake.</summary>
    /// <param name="origin">The value of its <c>Origin</c>, null if it has none.</param>
    /// <param name="host">The value of its <c>Host</c>.</param>
    /// <param name="isSecure">Whether it came over TLS.</param>
    /// <param name="hasCredentials">Whether it carries a cookie, or something else that browsers add by themselves.</param>
    internal bool Allows(string? origin, string host, bool isSecure, bool hasCredentials) => (_kind, origin) switch
    {
        (Kind.Any, _) or (_, null) => true,
        (Kind.SameHostWithCookie, _) => !hasCredentials || IsSameHost(origin, host, isSecure),
        (Kind.SameHost, _) => IsSameHost(origin, host, isSecure),
        _ => _patterns.Any(pattern => pattern.Matches(origin)),
    };

    // A page over HTTPS may well reach us in plain TCP, through a proxy that ends TLS. The reverse is another port, and a page that anyone on
    // the way could have written. "null", the origin of sandboxed frames and local files, is the same as nobody's. Some clients that are no browsers, such as Starscream
    // for Swift, name the address that they connect to, "wss://" and all; no page has such an origin.
    private static bool IsSameHost(string origin, string host, bool isSecure)
    {
        if (!OriginPattern.TrySplit(origin, out var scheme, out var authority))
            return false;

        var isOfTls = scheme.Equals("https", StringComparison.OrdinalIgnoreCase) || scheme.Equals("wss", StringComparison.OrdinalIgnoreCase);
        return (isOfTls || !isSecure) && string.Equals(WithoutDefaultPort(authority, isOfTls), WithoutDefaultPort(host, isOfTls), StringComparison.OrdinalIgnoreCase);
    }

    private static string WithoutDefaultPort(string authority, bool isOfTls)
    {
        var defaultPort = isOfTls ? ":443" : ":80";
        return authority.EndsWith(defaultPort, StringComparison.Ordinal) ? authority[..^defaultPort.Length] : authority;
    }

    private enum Kind
    {
        SameHostWithCookie,
        SameHost,
        Any,
        Listed,
    }
}
