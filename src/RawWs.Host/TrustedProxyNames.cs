using System.Globalization;
using System.Net;

namespace RawWs.Host;

/// <summary>From what <c>--trust-proxy</c> says to the networks that it means.</summary>
internal static class TrustedProxyNames
{
    /// <summary>Whoever may open the Unix socket.</summary>
    public const string Unix = "unix";

    // This machine; the addresses of private networks (RFC 1918 §3, RFC 4193 §3).
    private static readonly Dictionary<string, IPNetwork[]> Words = new()
    {
        ["loopback"] = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")],
        ["private"] = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("fc00::/7")],
        [Unix] = [],
    };

    /// <summary>Reads a word, a network in CIDR notation, or a single address.</summary>
    /// <returns>The networks; null if it is nothing of the kind.</returns>
    public static IReadOnlyList<IPNetwork>? Read(string text)
    {
        if (Words.TryGetValue(text, out var networks))
            return networks;

        if (ListenAddresses.TryParse(text, out var address))
            return [new IPNetwork(address, PrefixLengthOf(address))];

        return TryParse(text, out var network, out var isExact) && isExact ? [network] : null;
    }

    /// <summary>What a network with bits behind its prefix may have been meant to be, 10.0.0.0/8 for 10.1.2.3/8; null if the text is something else.</summary>
    public static string? SuggestionFor(string text) => TryParse(text, out var network, out var isExact) && !isExact ? network.ToString() : null;

    // The runtime's parser drops the bits behind the prefix, and whoever has written them may not have meant all that is trusted then.
    private static bool TryParse(string text, out IPNetwork network, out bool isExact)
    {
        (network, isExact) = (default, false);
        if (text.Split('/') is not [var first, var second] || !ListenAddresses.TryParse(first, out var address)
            || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var prefixLength) || prefixLength > PrefixLengthOf(address))
        {
            return false;
        }

        network = new IPNetwork(Masked(address, prefixLength), prefixLength);
        isExact = network.BaseAddress.Equals(address);
        return true;
    }

    private static int PrefixLengthOf(IPAddress address) => address.GetAddressBytes().Length * 8;

    private static IPAddress Masked(IPAddress address, int prefixLength)
    {
        var bytes = address.GetAddressBytes();
        for (var index = 0; index < bytes.Length; index++)
            bytes[index] &= (byte)(0xFF00 >> Math.Clamp(prefixLength - (8 * index), 0, 8));

        return new IPAddress(bytes);
    }
}
