namespace RawWs.Diagnostics;

/// <summary>Why somebody was refused, or a connection failed, although nothing was wrong with what was asked for.</summary>
internal enum RefusalReason
{
    /// <summary>There are as many connections as there may be.</summary>
    ServerFull,

    /// <summary>There are as many connections from one address as there may be.</summary>
    AddressFull,

    /// <summary>There are as many unfinished handshakes as there may be.</summary>
    HandshakesFull,

    /// <summary>Connections come too fast.</summary>
    ConnectionRate,

    /// <summary>The server is stopping.</summary>
    Draining,

    /// <summary>So many clients are being told one of these already that this one was dropped instead.</summary>
    RefusalsFull,

    /// <summary>The process has no descriptor left for the connection, which was dropped.</summary>
    DescriptorsShort,

    /// <summary>One peer's messages come too fast.</summary>
    MessageRate,

    /// <summary>One peer's bytes come too fast.</summary>
    ByteRate,

    /// <summary>One peer's control frames and empty frames come too fast.</summary>
    ControlRate,

    /// <summary>One peer reads too slowly for what it is sent.</summary>
    SlowReader,

    /// <summary>The outgoing queues of the process are too large together, and this peer's was the largest.</summary>
    QueueMemory,

    /// <summary>Messages that are not complete take too much memory together, and this peer's would have taken more.</summary>
    ReceiveMemory,

    /// <summary>There are as many rooms as there may be, or one connection is in as many.</summary>
    RoomsFull,

    /// <summary>The name of a room is too long.</summary>
    RoomName,
}
