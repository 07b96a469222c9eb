using System.Net;

namespace RawWs.Protocol;

/// <summary>The networks in which whoever has an address is believed. Immutable.</summary>
internal sealed class TrustedNetworks
{
    /// <summary>Bits before the IPv4 address in one that is mapped into IPv6, <c>::ffff:192.0.2.1</c> (RFC 4291 §2.5.5.2).</summary>
    private const int MappedPrefixLength = 96;

    private readonly IPNetwork[] _networks;

    public TrustedNetworks(IEnumerable<IPNetwork> networks) => _networks = [.. networks.Select(Plain)];

    /// <summary>Whether nobody is believed.</summary>
    public bool IsEmpty => _networks.Length == 0;

    /// <summary>Whether one of the networks has this address. IPv4 is the same when it is mapped into IPv6.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in _networks)
        {
            if (network.Contains(plain))
                return true;
        }

        return false;
    }

    private static IPNetwork Plain(IPNetwork network)
        => network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefixLength
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefixLength)
            : network;
}
