namespace RawWs;

public sealed partial class WebSocketServerOptions
{
    /// <summary>
    /// Lets the server speak TLS, and nothing else, on all TCP end points; plain HTTP is answered with 400 there. Default, null: no TLS, for where a proxy in front
    /// speaks it. The TLS handshake counts within <see cref="HandshakeTimeout"/> and <see cref="MaxHandshakeCount"/>.
    /// </summary>
    public TlsOptions? Tls { get; set; }
}
