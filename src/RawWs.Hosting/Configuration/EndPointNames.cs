using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RawWs.Hosting.Configuration;

/// <summary>
/// From what the configuration calls an end point to what it means: <c>127.0.0.1:3000</c>, <c>[::1]:3000</c>, <c>localhost:3000</c> for this machine in both address families,
/// <c>*:3000</c> for any address, each with or without <c>http://</c> or <c>ws://</c> before it; and <c>unix:/path</c>.
/// </summary>
internal static class EndPointNames
{
    private const string UnixPrefix = "unix:";
    private const string Allowed = "an address and a port such as 127.0.0.1:3000, http://localhost:3000 or *:3000, or unix:/path";

    /// <exception cref="SettingException">It is the name of none.</exception>
    public static IEnumerable<EndPoint> Resolve(string name)
    {
        if (name.StartsWith(UnixPrefix, StringComparison.Ordinal))
            return [UnixSocket(name[UnixPrefix.Length..])];

        var authority = WithoutScheme(name);
        var colon = authority.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw Wrong(name);

        return AddressesOf(authority[..colon], port, name).Select(address => new IPEndPoint(address, port));
    }

    private static string WithoutScheme(string name)
    {
        var end = name.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
            return name;

        return name[..end].ToUpperInvariant() switch
        {
            "HTTP" or "WS" => name[(end + 3)..].TrimEnd('/'),
            "HTTPS" or "WSS" => throw new SettingException($"'{name}' asks for TLS, which is for all end points and set in code: {nameof(WebSocketServerOptions)}.{nameof(WebSocketServerOptions.Tls)}."),
            _ => throw Wrong(name),
        };
    }

    private static IEnumerable<IPAddress> AddressesOf(string host, int port, string name) => host switch
    {
        // Each family would get a port of its own, and a name has only one.
        "localhost" when port == 0 => throw new SettingException($"'{name}' would be two ports, one for each address family; write 127.0.0.1:0."),
        "localhost" => HasIPv6Loopback() ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback],
        "*" or "+" => [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any],
        ['[', .. var inner, ']'] when IPAddress.TryParse(inner, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6 => [v6],

        // .NET's parser also takes 127.1 and 1 for addresses: more likely slips than wishes.
        _ when IPAddress.TryParse(host, out var v4) && v4.ToString() == host && v4.AddressFamily == AddressFamily.InterNetwork => [v4],
        _ => throw Wrong(name),
    };

    private static UnixDomainSocketEndPoint UnixSocket(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(Path.GetFullPath(path));
        }
        catch (ArgumentException)
        {
            throw new SettingException($"'{UnixPrefix}{path}' needs the path of a file, of about 100 characters at most with its folders.");
        }
    }

    // The system may know IPv6 and have no address: containers are often made so.
    private static bool HasIPv6Loopback()
    {
        if (!Socket.OSSupportsIPv6)
            return false;

        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static SettingException Wrong(string name) => new($"'{name}' is not {Allowed}.");
}
