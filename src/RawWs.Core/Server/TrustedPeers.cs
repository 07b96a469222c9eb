using System.Net;
using System.Net.Sockets;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>Which connections are trusted proxies'. Immutable.</summary>
internal sealed class TrustedPeers(WebSocketServerOptions options)
{
    private readonly bool _trustsUnixSockets = options.TrustUnixSockets;

    /// <summary>Those of them that have an address.</summary>
    public TrustedNetworks Networks { get; } = new(options.TrustedProxies);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Networks.IsEmpty && !_trustsUnixSockets;

    /// <summary>Whether whoever has this end is one.</summary>
    public bool Contains(EndPoint? endPoint) => endPoint switch
    {
        IPEndPoint address => !Networks.IsEmpty && Networks.Contains(address.Address),
        UnixDomainSocketEndPoint => _trustsUnixSockets,
        _ => false,
    };

    /// <summary>Whether this connection, of which nothing has been read, may yet name somebody else than its peer.</summary>
    public bool MayNameClients(TransportConnection connection)
        => connection.Plain is ProxiedConnection || (!IsEmpty && Contains(connection.RemoteEndPoint));

    /// <summary>Whether the requests on a connection name those who make them.</summary>
    /// <remarks>
    /// Where the PROXY protocol is spoken, it must have named a proxy: whoever it could not name may be anybody, with any header.
    /// </remarks>
    public bool Forwards(TransportConnection connection)
        => !IsEmpty && connection.Plain is not ProxiedConnection { IsNamed: false } && Contains(connection.RemoteEndPoint);
}
