namespace RawWs.Transport;

/// <summary>What a failed TLS handshake is counted as.</summary>
internal enum TlsFailureKind
{
    /// <summary>Plain HTTP on the port of TLS.</summary>
    PlainHttp,

    /// <summary>Neither TLS nor HTTP.</summary>
    NoTls,

    /// <summary>Nothing could be agreed on (version, cipher suite, protocol), or a certificate did not count: the client's here, or ours there.</summary>
    Refused,

    /// <summary>It took longer than <see cref="WebSocketServerOptions.HandshakeTimeout"/>.</summary>
    Late,

    /// <summary>The network or the client ended the connection.</summary>
    Cut,
}
