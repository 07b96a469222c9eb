namespace RawWs;

/// <summary>Who ended a connection.</summary>
public enum CloseInitiator
{
    /// <summary>Our side: the application, the server's shutdown, a limit, or the peer's breach of the protocol.</summary>
    Local,

    /// <summary>The peer, with a close frame.</summary>
    Remote,

    /// <summary>The network: the connection was reset, or ended without a close frame.</summary>
    Transport,
}
