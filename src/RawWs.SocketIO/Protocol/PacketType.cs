namespace RawWs.SocketIO.Protocol;

/// <summary>The types of Socket.IO packets; on the wire each is its digit.</summary>
internal enum PacketType : byte
{
    /// <summary>Joins a namespace, or says that it has been joined.</summary>
    Connect = 0,

    /// <summary>Leaves a namespace.</summary>
    Disconnect = 1,

    /// <summary>An event.</summary>
    Event = 2,

    /// <summary>The answer to an event.</summary>
    Ack = 3,

    /// <summary>The server's refusal of a namespace.</summary>
    ConnectError = 4,

    /// <summary>An event with attachments.</summary>
    BinaryEvent = 5,

    /// <summary>An answer with attachments.</summary>
    BinaryAck = 6,
}
