using System.Net;
using System.Net.Sockets;

namespace RawWs.Host;

/// <summary>From what <c>--host</c> says to the addresses of this machine that it means.</summary>
internal static class ListenAddresses
{
    /// <summary>This machine only, in both address families: browsers take either for this name.</summary>
    public const string Localhost = "localhost";

    /// <summary>Every address of this machine.</summary>
    public const string Any = "*";

    public static bool IsHost(string text) => text is Localhost or Any || TryParse(text, out _);

    /// <summary>Whether it stands for all addresses of the machine, under whatever name.</summary>
    public static bool IsAny(string host)
        => IsAnyOfBoth(host) || (TryParse(host, out var address) && address.Equals(IPAddress.Any));

    /// <returns>Each address once, in the order of <paramref name="hosts"/>.</returns>
    public static IReadOnlyList<IPAddress> Resolve(IReadOnlyList<string> hosts)
    {
        // Any address takes in all the others, which then can't be had again: IPv6's those of both families.
        if (hosts.Any(IsAnyOfBoth))
            return [AnyAddress];

        IPAddress[] addresses = [.. hosts.SelectMany(AddressesOf).Distinct()];
        return addresses.Contains(IPAddress.Any)
            ? [.. addresses.Where(address => address.AddressFamily != AddressFamily.InterNetwork || address.Equals(IPAddress.Any))]
            : addresses;
    }

    /// <summary>A port that is free on <paramref name="address"/> at this moment; null if this machine has no such address.</summary>
    public static int? FindFreePort(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port; // It is bound.
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static bool IsAnyOfBoth(string host) => host == Any || (TryParse(host, out var address) && address.Equals(IPAddress.IPv6Any));

    private static IPAddress AnyAddress => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    private static IPAddress[] AddressesOf(string host) => host switch
    {
        Localhost => HasIPv6Loopback ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback],
        _ => TryParse(host, out var address) ? [address] : throw new ArgumentException($"'{host}' is no host.", nameof(host)),
    };

    // The system may know IPv6 and have no address: containers are often made so.
    private static bool HasIPv6Loopback => Socket.OSSupportsIPv6 && FindFreePort(IPAddress.IPv6Loopback) is not null;

    /// <summary>Reads an IP address as it is written out.</summary>
    // .NET's parser also takes 127.1 and 1 for IPv4 addresses, and [::1]:80 for an address with a port that it drops: more likely slips than wishes.
    public static bool TryParse(string text, out IPAddress address)
        => IPAddress.TryParse(text, out address!)
            && (address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == text : !text.Contains("]:", StringComparison.Ordinal));
}
