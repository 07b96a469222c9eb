namespace RawWs.Redis.SocketIO;

/// <summary>What servers ask of each other, by the numbers of <c>@socket.io/redis-adapter</c>.</summary>
internal enum AdapterRequestType
{
    /// <summary>The ids of sockets in rooms: only older versions ask.</summary>
    Sockets = 0,

    /// <summary>The names of all rooms.</summary>
    AllRooms = 1,

    /// <summary>Sockets are to join rooms.</summary>
    Join = 2,

    /// <summary>Sockets are to leave rooms.</summary>
    Leave = 3,

    /// <summary>Sockets are to be disconnected.</summary>
    Disconnect = 4,

    /// <summary>Sockets are to be described.</summary>
    Fetch = 5,

    /// <summary>An event for the servers themselves.</summary>
    ServerSideEmit = 6,

    /// <summary>An event that clients are to answer.</summary>
    Broadcast = 7,

    /// <summary>An answer: how many clients were asked.</summary>
    BroadcastClientCount = 8,

    /// <summary>An answer: what one of them has said.</summary>
    BroadcastAck = 9,
}
