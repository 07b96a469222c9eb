using System.Net;

namespace RawWs;

// Who is believed about whom it connects for. See docs/operations.md, "Behind a proxy".
public sealed partial class WebSocketServerOptions
{
    private IList<IPNetwork> _trustedProxies = [];

    /// <summary>
    /// The networks of the proxies that stand before the server. What comes from there is taken for that of whoever the proxies name, by <see cref="ForwardingHeaders"/> or by
    /// <see cref="ProxyProtocol"/>: <see cref="WebSocketConnection.RemoteEndPoint"/>, limits for each address, logs and traces. Name proxies and nothing else: whoever has
    /// an address in one of these can call himself anybody. Default: none, nobody is believed.
    /// </summary>
    public IList<IPNetwork> TrustedProxies { get => _trustedProxies; init => _trustedProxies = NotNull(value); }

    /// <summary>
    /// Whether who connects through a Unix socket is a trusted proxy, as in <see cref="TrustedProxies"/>. Default: no. Set it where nobody but the proxy may open the socket.
    /// </summary>
    public bool TrustUnixSockets { get; set; }

    /// <summary>Which header fields trusted proxies tell their clients by. Default: either kind. Name the one that your proxies write, so that the other is not looked at.</summary>
    public ForwardingHeaders ForwardingHeaders { get; set => field = Named(value); }

    /// <summary>
    /// Whether each connection, before its first byte and before TLS, begins with a header of the PROXY protocol, version 1 or 2. One that does not is aborted, and so is
    /// one that comes from elsewhere than <see cref="TrustedProxies"/>, if there are any. It has to come within <see cref="HandshakeTimeout"/>. Holds for all
    /// <see cref="EndPoints"/>. Default: no.
    /// </summary>
    public bool ProxyProtocol { get; set; }
}
