namespace RawWs.Server;

/// <summary>What a connection that is no WebSocket yet, or never will be one, is waiting for.</summary>
internal enum WaitingFor
{
    /// <summary>Nothing that has a deadline.</summary>
    Nothing,

    /// <summary>
    /// The head of a request, the TLS handshake before it, and the answer of the upgrade hook. If it is late, it is answered with 408; without TLS to say that in,
    /// the connection is aborted.
    /// </summary>
    Head,

    /// <summary>The first byte of another request. If it is late, the connection ends without a word.</summary>
    NextRequest,

    /// <summary>The body of a request. If it is late, it is answered with 408.</summary>
    Body,

    /// <summary>The peer, to take what is sent or to end its side. If it is late, the connection is aborted.</summary>
    Peer,
}
