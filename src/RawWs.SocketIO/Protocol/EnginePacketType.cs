namespace RawWs.SocketIO.Protocol;

/// <summary>The types of Engine.IO packets; on the wire each is its digit.</summary>
internal enum EnginePacketType : byte
{
    /// <summary>The server's handshake.</summary>
    Open = 0,

    /// <summary>The end of the session.</summary>
    Close = 1,

    /// <summary>The server's heartbeat, or a client's probe.</summary>
    Ping = 2,

    /// <summary>The answer to a ping.</summary>
    Pong = 3,

    /// <summary>Application data.</summary>
    Message = 4,

    /// <summary>The client has changed its transport.</summary>
    Upgrade = 5,

    /// <summary>Nothing: releases a poll.</summary>
    Noop = 6,
}
