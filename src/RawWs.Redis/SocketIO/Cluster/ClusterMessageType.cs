namespace RawWs.Redis.SocketIO;

/// <summary>What servers say to each other, by the numbers of the cluster adapter of <c>socket.io-adapter</c>: the sharded adapter and that of streams share them.</summary>
internal enum ClusterMessageType
{
    /// <summary>A server has come. Only adapters that count by heartbeats say so; here Redis counts.</summary>
    InitialHeartbeat = 1,

    /// <summary>A server lives, as above.</summary>
    Heartbeat = 2,

    /// <summary>An event for clients, which they are to answer if it has the id of a request.</summary>
    Broadcast = 3,

    /// <summary>Sockets are to join rooms.</summary>
    SocketsJoin = 4,

    /// <summary>Sockets are to leave rooms.</summary>
    SocketsLeave = 5,

    /// <summary>Sockets are to be disconnected.</summary>
    DisconnectSockets = 6,

    /// <summary>Sockets are to be described.</summary>
    FetchSockets = 7,

    /// <summary>An answer: their descriptions.</summary>
    FetchSocketsResponse = 8,

    /// <summary>An event for the servers themselves, which they are to answer if it has the id of a request.</summary>
    ServerSideEmit = 9,

    /// <summary>An answer: what a server has said to it.</summary>
    ServerSideEmitResponse = 10,

    /// <summary>An answer: how many clients were asked.</summary>
    BroadcastClientCount = 11,

    /// <summary>An answer: what one of them has said.</summary>
    BroadcastAck = 12,

    /// <summary>A server ends, as with heartbeats.</summary>
    AdapterClose = 13,
}
