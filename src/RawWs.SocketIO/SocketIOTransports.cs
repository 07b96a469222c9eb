namespace RawWs.SocketIO;

/// <summary>What may carry a connection.</summary>
[Flags]
public enum SocketIOTransports
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>HTTP requests, of which one is always held back.</summary>
    Polling = 1,

    /// <summary>A WebSocket.</summary>
    WebSocket = 2,

    /// <summary>Either, and the change from polling to a WebSocket.</summary>
    All = Polling | WebSocket,
}
