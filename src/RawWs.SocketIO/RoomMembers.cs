namespace RawWs.SocketIO;

/// <summary>The sockets in a room. Not thread-safe: guarded by the table of rooms.</summary>
internal sealed class RoomMembers
{
    private readonly HashSet<SocketIOSocket> _members = [];
    private SocketIOSocket[]? _snapshot;

    /// <summary>How many there are.</summary>
    public int Count => _members.Count;

    /// <summary>All of them, in an array that is never changed: made at most once for each change.</summary>
    public SocketIOSocket[] Snapshot => _snapshot ??= [.. _members];

    /// <summary>Adds one that is not there.</summary>
    public void Add(SocketIOSocket socket)
    {
        _snapshot = null;
        _members.Add(socket);
    }

    /// <summary>Removes one.</summary>
    public void Remove(SocketIOSocket socket)
    {
        _snapshot = null;
        _members.Remove(socket);
    }
}
