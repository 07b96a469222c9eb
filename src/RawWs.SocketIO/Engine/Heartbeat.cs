namespace RawWs.SocketIO.Engine;

/// <summary>What the one timer of a session stands for at this moment.</summary>
internal enum Heartbeat
{
    /// <summary>A ping is due.</summary>
    Idle,

    /// <summary>A pong should have come.</summary>
    AwaitsPong,

    /// <summary>The poll that takes what is left should have come.</summary>
    LastPoll,
}
