namespace RawWs.SocketIO;

/// <summary>What can happen to a room.</summary>
internal enum RoomChangeKind
{
    /// <summary>Its first member is about to join.</summary>
    Created,

    /// <summary>A socket has joined.</summary>
    Joined,

    /// <summary>A socket has left.</summary>
    Left,

    /// <summary>Its last member has left.</summary>
    Deleted,
}
