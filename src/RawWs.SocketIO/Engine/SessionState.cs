namespace RawWs.SocketIO.Engine;

/// <summary>Where an Engine.IO session stands.</summary>
internal enum SessionState
{
    /// <summary>Carried by polls and posts; perhaps with a WebSocket that probes.</summary>
    Polling,

    /// <summary>Carried by a WebSocket.</summary>
    WebSocket,

    /// <summary>Closed by the server; the next poll takes what is left, and the one behind it is told.</summary>
    LastPoll,

    /// <summary>Over.</summary>
    Closed,
}
