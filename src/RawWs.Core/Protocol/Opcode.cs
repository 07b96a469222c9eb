namespace RawWs.Protocol;

/// <summary>How the payload of a frame is to be interpreted (RFC 6455 §5.2 and §11.8).</summary>
internal enum Opcode : byte
{
    /// <summary>Continues a fragmented message.</summary>
    Continuation = 0x0,

    /// <summary>A text message, or its first fragment.</summary>
    Text = 0x1,

    /// <summary>A binary message, or its first fragment.</summary>
    Binary = 0x2,

    /// <summary>Begins or answers the closing handshake.</summary>
    Close = 0x8,

    /// <summary>Asks for a pong.</summary>
    Ping = 0x9,

    /// <summary>Answers a ping, or is an unsolicited heartbeat.</summary>
    Pong = 0xA,
}
