namespace RawWs.SocketIO.Engine;

/// <summary>What the one timer of a session stands for at this moment.</summary>
internal enum Heartbeat
{
    /// <summary>A ping is due.</summary>
    Idle,

    /// <summary>A pong should have come.</summary>
    AwaitsPong,

    /// <summary>A pong should have come; something else has, and its time began anew.</summary>
    AwaitsLatePong,

    /// <summary>A ping of the client should have come: in protocol 3 it is the client that pings.</summary>
    AwaitsPing,

    /// <summary>The poll that takes what is left, or the one behind it, should have come.</summary>
    LastPoll,
}
