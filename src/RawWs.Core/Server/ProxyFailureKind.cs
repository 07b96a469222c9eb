namespace RawWs.Server;

/// <summary>What a connection without a usable header of the PROXY protocol is counted as.</summary>
internal enum ProxyFailureKind
{
    /// <summary>It comes from elsewhere than the trusted proxies.</summary>
    Untrusted,

    /// <summary>It begins with something else, or with a header that is malformed.</summary>
    Malformed,

    /// <summary>The header took longer than <see cref="WebSocketServerOptions.HandshakeTimeout"/>.</summary>
    Late,

    /// <summary>The network or the peer ended the connection.</summary>
    Cut,
}
