namespace RawWs;

public sealed partial class WebSocketServer
{
    /// <summary>The rooms that connections can join, and be sent broadcasts in.</summary>
    public RoomDirectory Rooms => _core.Rooms;

    /// <summary>Everybody: all open connections, whatever rooms they are in.</summary>
    public BroadcastTarget Everyone { get; }
}
