namespace RawWs.Protocol;

/// <summary>Where the closing handshake stands.</summary>
internal enum CloseState : byte
{
    /// <summary>Messages flow both ways.</summary>
    Open,

    /// <summary>We have sent a close frame and wait for the peer's.</summary>
    CloseSent,

    /// <summary>Nothing more is sent; what arrives is discarded until the peer ends TCP.</summary>
    Draining,

    /// <summary>TCP has ended.</summary>
    Closed,
}
