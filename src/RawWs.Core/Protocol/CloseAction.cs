namespace RawWs.Protocol;

/// <summary>What a step of the closing handshake asks of the connection.</summary>
[Flags]
internal enum CloseAction : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Send a close frame with our own code and reason.</summary>
    SendClose = 1,

    /// <summary>Answer the peer's close frame with its own code.</summary>
    EchoClose = 2,

    /// <summary>End our side of TCP, and discard what still arrives.</summary>
    ShutdownSend = 4,
}
