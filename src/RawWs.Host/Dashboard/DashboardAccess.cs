using System.Net;

namespace RawWs.Host;

/// <summary>
/// Who may see the dashboard: with a token whoever knows it, from wherever; without one, whoever asks from this machine, for this machine, through nobody.
/// docs/operations.md has the rules as a table.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="token">The token; null if there is none.</param>
internal sealed class DashboardAccess(DashboardToken? token)
{
    // What proxies add. Behind one everybody comes from the proxy's address, which may well be this machine's.
    private static readonly string[] ForwardingHeaders = ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"];

    private const string ForwardingPrefix = "X-Forwarded-";

    /// <inheritdoc cref="Judge(EndPoint?, IReadOnlyList{KeyValuePair{string, string}}, string?, string, string?, bool)"/>
    public DashboardVerdict Judge(HttpRequest request)
        => Judge(request.RemoteEndPoint, request.Headers, request.GetCookie(DashboardToken.CookieName), request.Host, request.Origin, request.Tls is not null);

    /// <inheritdoc cref="Judge(EndPoint?, IReadOnlyList{KeyValuePair{string, string}}, string?, string, string?, bool)"/>
    public DashboardVerdict Judge(UpgradeRequest request)
        => Judge(request.RemoteEndPoint, request.Headers, request.GetCookie(DashboardToken.CookieName), request.Host, request.Origin, request.Tls is not null);

    /// <summary>Judges a request, whether or not it is an opening handshake.</summary>
    private DashboardVerdict Judge(EndPoint? peer, IReadOnlyList<KeyValuePair<string, string>> headers, string? cookie, string host, string? origin, bool isSecure)
    {
        if (token is null)
        {
            if (!IsThisMachine(peer) || headers.Any(header => IsForwarding(header.Key)))
                return DashboardVerdict.Hidden;

            // A name of somebody else's may be made to lead here, and then his page is of the same origin.
            if (!IsOwnName(host))
                return DashboardVerdict.ForeignHost;
        }
        else if (!token.IsIn(headers) && !token.IsCookie(cookie))
        {
            return DashboardVerdict.TokenNeeded;
        }

        return IsSameOrigin(origin, host, isSecure) ? DashboardVerdict.Admitted : DashboardVerdict.ForeignOrigin;
    }

    /// <summary>Whether a request comes from no page, or from one of this server's own (RFC 6455 §10.2).</summary>
    public static bool IsSameOrigin(string? origin, string host, bool isSecure)
    {
        if (origin is null)
            return true;

        // "null", the origin of sandboxed frames and local files, is nobody's.
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || page.Scheme is not ("http" or "https") || (isSecure && page.Scheme == "http"))
            return false;

        return Uri.TryCreate($"{page.Scheme}://{host}", UriKind.Absolute, out var here) && here.PathAndQuery == "/"
            && page.Port == here.Port && string.Equals(page.Host, here.Host, StringComparison.OrdinalIgnoreCase);
    }

    // Not a Unix socket: what connects there is mostly a proxy.
    private static bool IsThisMachine(EndPoint? peer)
        => peer is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsForwarding(string name)
        => name.StartsWith(ForwardingPrefix, StringComparison.OrdinalIgnoreCase) || ForwardingHeaders.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsOwnName(string host)
    {
        var end = host.LastIndexOf(':');
        var name = end < 0 || host.EndsWith(']') ? host : host[..end];
        return name is "127.0.0.1" or "[::1]" || name.Equals("localhost", StringComparison.OrdinalIgnoreCase);
    }
}
