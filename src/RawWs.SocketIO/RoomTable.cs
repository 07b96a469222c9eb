namespace RawWs.SocketIO;

/// <summary>Who is in which room of a namespace. A room is a name, and there while somebody is in it. Thread-safe.</summary>
/// <param name="changed">Is told of every change, in the order in which they happened, outside of the lock; nothing is noted while <see cref="IsWatched"/> is false.</param>
internal sealed partial class RoomTable(Action<RoomChange> changed)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SocketIOSocket> _sockets = new(StringComparer.Ordinal);

    // But for those in which a socket is alone with itself: every socket has a room of its own, which mostly nobody else ever joins.
    private readonly Dictionary<string, RoomMembers> _rooms = new(StringComparer.Ordinal);
    private readonly Queue<RoomChange> _changes = new();
    private bool _isTelling;

    // Made at most once for each change, so that a burst of broadcasts costs one copy.
    private SocketIOSocket[]? _everybody;

    /// <summary>Whether anybody wants to know of changes.</summary>
    public bool IsWatched { get; set => Volatile.Write(ref field, value); }

    /// <summary>All sockets at this moment.</summary>
    public IReadOnlyList<SocketIOSocket> All
    {
        get
        {
            lock (_gate)
            {
                return Everybody_NeedsLock();
            }
        }
    }

    /// <summary>A socket by its id, null if it is not here.</summary>
    public SocketIOSocket? Find(string id)
    {
        lock (_gate)
        {
            return _sockets.GetValueOrDefault(id);
        }
    }

    /// <summary>Whether anybody is in a room.</summary>
    public bool Contains(string name)
    {
        lock (_gate)
        {
            return _rooms.ContainsKey(name) || OwnerOf_NeedsLock(name) is not null;
        }
    }

    /// <summary>Adds a socket, with the room of its own and those that it has joined before it was here.</summary>
    public void Add(SocketIOSocket socket)
    {
        lock (_gate)
        {
            // A client that comes back has the id it had: who had it before is on its way out, and finds that it is not here any more.
            if (_sockets.TryGetValue(socket.Id, out var former))
                Remove_NeedsLock(former);

            var names = Of_NeedsLock(socket);
            (socket.IsInOwnRoom, socket.OtherRooms) = (false, null);
            _everybody = null;
            _sockets.Add(socket.Id, socket);
            Join_NeedsLock(socket, socket.Id);
            foreach (var name in names)
                Join_NeedsLock(socket, name);
        }

        Tell();
    }

    /// <summary>Joins rooms. A socket that is not here yet is in them by its own account alone, so that nobody finds it there; one that has gone joins none.</summary>
    /// <exception cref="InvalidOperationException">The socket would be in too many.</exception>
    public void Join(SocketIOSocket socket, IReadOnlyCollection<string> names, int maxCount)
    {
        try
        {
            lock (_gate)
            {
                var isHere = IsHere_NeedsLock(socket);
                if (!isHere && !socket.IsConnected)
                    return;

                foreach (var name in names)
                {
                    if (socket.OtherRooms?.Count >= maxCount && name != socket.Id && !socket.OtherRooms.Contains(name))
                        throw new InvalidOperationException($"A socket is in at most {maxCount} rooms; see {nameof(SocketIOServerOptions)}.{nameof(SocketIOServerOptions.MaxRoomsPerSocket)}.");

                    if (isHere)
                        Join_NeedsLock(socket, name);
                    else
                        Mark_NeedsLock(socket, name, isIn: true);
                }
            }
        }
        finally
        {
            Tell();
        }
    }

    /// <summary>Leaves a room, as <see cref="Join"/> joins one.</summary>
    public void Leave(SocketIOSocket socket, string name)
    {
        lock (_gate)
        {
            var isHere = IsHere_NeedsLock(socket);
            if ((!isHere && !socket.IsConnected) || !IsIn_NeedsLock(socket, name))
                return;

            Mark_NeedsLock(socket, name, isIn: false);
            if (isHere)
                Leave_NeedsLock(socket, name);
        }

        Tell();
    }

    /// <summary>Removes a socket from everywhere. What it was in stays with it, for its last handlers to see.</summary>
    public void Remove(SocketIOSocket socket)
    {
        lock (_gate)
        {
            if (!IsHere_NeedsLock(socket))
                return;

            Remove_NeedsLock(socket);
        }

        Tell();
    }

    /// <summary>What a socket that was removed had been in is not shown any more.</summary>
    public void Forget(SocketIOSocket socket)
    {
        lock (_gate)
        {
            (socket.IsInOwnRoom, socket.OtherRooms) = (false, null);
        }
    }

    /// <summary>The rooms of a socket at this moment.</summary>
    public IReadOnlyList<string> Of(SocketIOSocket socket)
    {
        lock (_gate)
        {
            return Of_NeedsLock(socket);
        }
    }

    /// <summary>All rooms at this moment, those of single sockets among them.</summary>
    public IReadOnlyList<string> Names()
    {
        lock (_gate)
        {
            return [.. _sockets.Values.Where(socket => socket.IsInOwnRoom && !_rooms.ContainsKey(socket.Id)).Select(socket => socket.Id), .. _rooms.Keys];
        }
    }

    // Not whether there is one of its id, which may be who it has become since.
    private bool IsHere_NeedsLock(SocketIOSocket socket) => _sockets.GetValueOrDefault(socket.Id) == socket;

    private SocketIOSocket[] Everybody_NeedsLock() => _everybody ??= [.. _sockets.Values];

    // The socket that is in the room of its own id, whoever else is there.
    private SocketIOSocket? OwnerOf_NeedsLock(string name) => _sockets.GetValueOrDefault(name) is { IsInOwnRoom: true } owner ? owner : null;

    private static bool IsIn_NeedsLock(SocketIOSocket socket, string name)
        => name == socket.Id ? socket.IsInOwnRoom : socket.OtherRooms?.Contains(name) is true;

    private static string[] Of_NeedsLock(SocketIOSocket socket)
        => [.. socket.IsInOwnRoom ? (ReadOnlySpan<string>)[socket.Id] : [], .. socket.OtherRooms ?? Enumerable.Empty<string>()];

    // What the socket itself says.
    private static void Mark_NeedsLock(SocketIOSocket socket, string name, bool isIn)
    {
        if (name == socket.Id)
            socket.IsInOwnRoom = isIn;
        else if (isIn)
            (socket.OtherRooms ??= new(StringComparer.Ordinal)).Add(name);
        else
            socket.OtherRooms?.Remove(name);
    }

    private void Join_NeedsLock(SocketIOSocket socket, string name)
    {
        if (IsIn_NeedsLock(socket, name))
            return;

        var isOwn = name == socket.Id;
        var owner = OwnerOf_NeedsLock(name);
        if (!_rooms.TryGetValue(name, out var members))
        {
            if (owner is null)
                Note_NeedsLock(new RoomChange(RoomChangeKind.Created, name));

            if (!isOwn)
            {
                _rooms.Add(name, members = new RoomMembers());
                if (owner is not null)
                    members.Add(owner);
            }
        }

        Mark_NeedsLock(socket, name, isIn: true);
        members?.Add(socket);
        Note_NeedsLock(new RoomChange(RoomChangeKind.Joined, name, socket.Id));
    }

    private void Remove_NeedsLock(SocketIOSocket socket)
    {
        _everybody = null;
        _sockets.Remove(socket.Id);
        foreach (var name in Of_NeedsLock(socket))
            Leave_NeedsLock(socket, name);
    }

    // The socket itself does not say any more that it is there, or is not in the table any more.
    private void Leave_NeedsLock(SocketIOSocket socket, string name)
    {
        Note_NeedsLock(new RoomChange(RoomChangeKind.Left, name, socket.Id));
        if (_rooms.TryGetValue(name, out var members))
        {
            members.Remove(socket);
            if (members.Count > 0)
                return;

            _rooms.Remove(name);
        }

        Note_NeedsLock(new RoomChange(RoomChangeKind.Deleted, name));
    }

    private void Note_NeedsLock(RoomChange change)
    {
        if (IsWatched)
            _changes.Enqueue(change);
    }

    // Whichever thread is first tells everything, those that come meanwhile leave it to that one.
    private void Tell()
    {
        if (!IsWatched)
            return;

        lock (_gate)
        {
            if (_isTelling)
                return;

            _isTelling = true;
        }

        while (true)
        {
            RoomChange? change;
            lock (_gate)
            {
                if (!_changes.TryDequeue(out change))
                {
                    _isTelling = false;
                    return;
                }
            }

            changed(change);
        }
    }
}
