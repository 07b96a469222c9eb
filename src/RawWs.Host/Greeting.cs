using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace RawWs.Host;

/// <summary>The two lines that <c>rawws</c> begins with: where it listens, and what to try.</summary>
internal static class Greeting
{
    /// <summary>The version of this program.</summary>
    public static readonly string Version =
        typeof(Greeting).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion; // The build writes it.

    /// <param name="options">What was asked for.</param>
    /// <param name="endPoints">Where the server really listens.</param>
    public static string Of(HostOptions options, IReadOnlyList<EndPoint> endPoints)
    {
        string[] urls = [.. UrlsOf(options, endPoints).Distinct()];
        List<string> places = [.. urls];

        if (HostsOf(options, endPoints).Any(ListenAddresses.IsAny))
            places.Add("any other address of this machine");

        var unixSockets = UnixSocketsOf(options, endPoints);
        places.AddRange(unixSockets.Select(unix => $"unix:{unix}"));

        var proxies = options.Proxies.Trusted is { } trusted ? $" behind proxies in {trusted}" : "";
        return $"""
            rawws {Version} listens on {string.Join(" and ", places)}{proxies} (Ctrl+C stops it)
            {WhatToTry(options, urls, unixSockets)}
            """;
    }

    private static IEnumerable<string> UrlsOf(HostOptions options, IReadOnlyList<EndPoint> endPoints)
    {
        var scheme = options.Tls is null ? "ws" : "wss";
        var ports = endPoints.OfType<IPEndPoint>().Select(endPoint => endPoint.Port);

        // Inherited sockets have a port each, all others one between them.
        return options.InheritedSockets.Count > 0
            ? HostsOf(options, endPoints).Zip(ports, UrlOf)
            : options.Hosts.Select(host => UrlOf(host, ports.FirstOrDefault()));

        string UrlOf(string host, int port) => $"{scheme}://{NameToConnectTo(host)}:{port}{EchoSession.Path}";
    }

    // What is listened on in place of what was asked for is known by its address only.
    private static IEnumerable<string> HostsOf(HostOptions options, IReadOnlyList<EndPoint> endPoints)
        => options.InheritedSockets.Count > 0 ? endPoints.OfType<IPEndPoint>().Select(endPoint => endPoint.Address.ToString()) : options.Hosts;

    private static UnixDomainSocketEndPoint[] UnixSocketsOf(HostOptions options, IReadOnlyList<EndPoint> endPoints)
    {
        if (options.InheritedSockets.Count > 0)
            return [.. endPoints.OfType<UnixDomainSocketEndPoint>()];

        return options.UnixSocket is { } unix ? [unix] : [];
    }

    private static string WhatToTry(HostOptions options, string[] urls, UnixDomainSocketEndPoint[] unixSockets) => (urls, options.StaticFolder) switch
    {
        _ when options.Proxies.ProxyProtocol => ThroughProxy(urls, unixSockets),
        ([], _) => $"Try it: {WithCurl(unixSockets[0])}",
        ([var url, ..], null) => $"Chat: open {PageAt(url, ChatPage.Path)} in two browser windows{SocketIO(options, url)}{(options.HasDashboard ? $"; dashboard: {PageAt(url, Dashboard.Path)}" : "")}",
        ([var url, ..], _) when options.SocketIO.IsEnabled => $"Open {PageAt(url, "/")} in a browser{SocketIO(options, url)}",
        ([var url, ..], _) => $"Try it: {InBrowser(url)}",
    };

    private static string SocketIO(HostOptions options, string url) => options.SocketIO.IsEnabled ? $"; Socket.IO: {PageAt(url, SocketIOChat.Path)}" : "";

    private static Uri PageAt(string url, string path)
        => new UriBuilder(url) { Scheme = url.StartsWith("wss:", StringComparison.Ordinal) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, Path = path }.Uri;

    // No browser speaks the PROXY protocol by itself.
    private static string ThroughProxy(string[] urls, UnixDomainSocketEndPoint[] unixSockets)
    {
        var where = urls is [var url, ..]
            ? PageAt(url, "/healthz").ToString()
            : $"http://localhost/healthz --unix-socket '{unixSockets[0]}'";
        return $"Try it: through a proxy that sends the PROXY protocol; or curl --haproxy-protocol {where} answers healthy";
    }

    // A blank page, because the pages of many sites forbid connections to elsewhere.
    private static string InBrowser(string url)
        => $"open about:blank in a browser, press F12, and paste into the console: ws = new WebSocket(\"{url}\"); "
            + "ws.onmessage = e => console.log(e.data); ws.onopen = () => ws.send(\"hello\")";

    // No browser speaks to a Unix socket. The key is that of RFC 6455 §1.3.
    private static string WithCurl(UnixDomainSocketEndPoint unix)
        => $"curl -i -m 1 --unix-socket '{unix}' -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' "
            + $"-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' http://localhost{EchoSession.Path} answers 101 Switching Protocols";

    // An address that stands for any can be listened on, but not be connected to.
    private static string NameToConnectTo(string host)
    {
        if (host == ListenAddresses.Localhost || ListenAddresses.IsAny(host))
            return ListenAddresses.Localhost;

        var address = IPAddress.Parse(host);
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : host;
    }
}
