namespace RawWs.Protocol;

/// <summary>What can happen to the closing handshake.</summary>
internal enum CloseEvent : byte
{
    /// <summary>The application, or its end, closes the connection.</summary>
    LocalClose,

    /// <summary>A valid close frame arrived.</summary>
    PeerClose,

    /// <summary>The peer broke the protocol.</summary>
    Violation,

    /// <summary>The peer has not answered our close frame in time.</summary>
    CloseTimeout,

    /// <summary>TCP has ended, whoever ended it.</summary>
    TransportClosed,
}
