using System.Net;

namespace RawWs.Redis.Client;

/// <summary>Addresses as servers of a cluster tell them.</summary>
internal static class ClusterAddress
{
    /// <param name="host">A name or an IP address, which may be in brackets; empty for the host that was asked.</param>
    /// <param name="port">The port.</param>
    /// <param name="asked">Who was asked.</param>
    /// <returns>Null if nobody can be there, or the server says that it does not know (<c>?</c>).</returns>
    public static DnsEndPoint? Of(string host, long port, DnsEndPoint asked)
    {
        if (host.Length == 0)
            host = asked.Host;
        else if (host is ['[', .., ']'])
            host = host[1..^1];

        return port is >= 1 and <= ushort.MaxValue && Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
            ? new DnsEndPoint(host, (int)port)
            : null;
    }
}
