namespace RawWs.SocketIO;

/// <summary>The sockets in a room. Not thread-safe: guarded by the table of rooms.</summary>
internal sealed class RoomMembers
{
    // Many rooms have one member, such as those of users: a set is made for the second.
    private SocketIOSocket? _only;
    private HashSet<SocketIOSocket>? _members;
    private SocketIOSocket[]? _snapshot;

    /// <summary>How many there are.</summary>
    public int Count => _members?.Count ?? (_only is null ? 0 : 1);

    /// <summary>All of them, in an array that is never changed: made at most once for each change.</summary>
    public SocketIOSocket[] Snapshot => _snapshot ??= _members is not null ? [.. _members] : _only is null ? [] : [_only];

    /// <summary>Adds one that is not there.</summary>
    public void Add(SocketIOSocket socket)
    {
        _snapshot = null;
        if (_members is not null)
            _members.Add(socket);
        else if (_only is null)
            _only = socket;
        else
            (_members, _only) = ([_only, socket], null);
    }

    /// <summary>Removes one.</summary>
    public void Remove(SocketIOSocket socket)
    {
        _snapshot = null;
        if (_members is not null)
            _members.Remove(socket);
        else if (_only == socket)
            _only = null;
    }
}
