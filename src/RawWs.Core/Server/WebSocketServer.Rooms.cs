namespace RawWs;

public sealed partial class WebSocketServer
{
    /// <summary>The rooms that connections can join, and be sent broadcasts in.</summary>
    public RoomDirectory Rooms => _core.Rooms;

    /// <summary>The open connections of this moment, in no particular order, whose sessions have not ended.</summary>
    public IReadOnlyList<WebSocketConnection> Connections => _core.Rooms.Broadcaster.Everyone;

    /// <summary>Everybody: all open connections, whatever rooms they are in.</summary>
    public BroadcastTarget Everyone { get; }
}
