namespace RawWs.Connections;

/// <summary>What the application has said that it wants to be told of a connection. Most want nothing, and have none.</summary>
internal sealed class ConnectionHandlers
{
    public ControlFrameHandler? PingReceived { get; set; }

    public ControlFrameHandler? PongReceived { get; set; }

    public Action<WebSocketConnection>? Drained { get; set; }
}
