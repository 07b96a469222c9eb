using System.Buffers;

namespace RawWs.SocketIO;

/// <summary>Who is in which room of a namespace. A room is a name, and there while somebody is in it. Thread-safe.</summary>
/// <param name="changed">Is told of every change, in the order in which they happened, outside of the lock; nothing is noted while <see cref="IsWatched"/> is false.</param>
internal sealed class RoomTable(Action<RoomChange> changed)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SocketIOSocket> _sockets = new(StringComparer.Ordinal);
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
            return _rooms.ContainsKey(name);
        }
    }

    /// <summary>Adds a socket, with the room of its own and others.</summary>
    public void Add(SocketIOSocket socket, IReadOnlyCollection<string> names)
    {
        lock (_gate)
        {
            _everybody = null;
            _sockets.Add(socket.Id, socket);
            Join_NeedsLock(socket, socket.Id);
            foreach (var name in names)
                Join_NeedsLock(socket, name);
        }

        Tell();
    }

    /// <summary>Joins rooms; a socket that is not here any more joins none.</summary>
    /// <exception cref="InvalidOperationException">The socket would be in too many.</exception>
    public void Join(SocketIOSocket socket, IReadOnlyCollection<string> names, int maxCount)
    {
        try
        {
            lock (_gate)
            {
                if (!_sockets.ContainsKey(socket.Id))
                    return;

                foreach (var name in names)
                {
                    if (socket.JoinedRooms.Count > maxCount && !socket.JoinedRooms.Contains(name))
                        throw new InvalidOperationException($"A socket is in at most {maxCount} rooms; see {nameof(SocketIOServerOptions)}.{nameof(SocketIOServerOptions.MaxRoomsPerSocket)}.");

                    Join_NeedsLock(socket, name);
                }
            }
        }
        finally
        {
            Tell();
        }
    }

    /// <summary>Leaves a room.</summary>
    public void Leave(SocketIOSocket socket, string name)
    {
        lock (_gate)
        {
            if (_sockets.ContainsKey(socket.Id) && socket.JoinedRooms.Remove(name))
                Leave_NeedsLock(socket, name);
        }

        Tell();
    }

    /// <summary>Removes a socket from everywhere. What it was in stays with it, for its last handlers to see.</summary>
    public void Remove(SocketIOSocket socket)
    {
        lock (_gate)
        {
            if (!_sockets.Remove(socket.Id))
                return;

            _everybody = null;
            foreach (var name in socket.JoinedRooms)
                Leave_NeedsLock(socket, name);
        }

        Tell();
    }

    /// <summary>What a socket that was removed had been in is not shown any more.</summary>
    public void Forget(SocketIOSocket socket)
    {
        lock (_gate)
        {
            socket.JoinedRooms.Clear();
        }
    }

    /// <summary>The rooms of a socket at this moment.</summary>
    public IReadOnlyList<string> Of(SocketIOSocket socket)
    {
        lock (_gate)
        {
            return [.. socket.JoinedRooms];
        }
    }

    /// <summary>All rooms at this moment, those of single sockets among them.</summary>
    public IReadOnlyList<string> Names()
    {
        lock (_gate)
        {
            return [.. _rooms.Keys];
        }
    }

    /// <summary>Who is in any of some rooms, or all if none is named, and in none of others; each once. Costs no memory for each of them.</summary>
    public SocketSelection Select(IReadOnlyList<string> rooms, IReadOnlyList<string> except)
    {
        lock (_gate)
        {
            if (except.Count == 0 && rooms.Count <= 1)
                return new SocketSelection(rooms.Count == 0 ? Everybody_NeedsLock() : _rooms.GetValueOrDefault(rooms[0])?.Snapshot ?? []);

            var capacity = 0;
            for (var index = 0; index < rooms.Count; index++)
                capacity += _rooms.GetValueOrDefault(rooms[index])?.Count ?? 0;

            var selected = ArrayPool<SocketIOSocket>.Shared.Rent(rooms.Count == 0 ? _sockets.Count : capacity);
            var count = 0;
            if (rooms.Count == 0)
                SelectFrom_NeedsLock(Everybody_NeedsLock(), rooms, 0, except, selected, ref count);

            for (var index = 0; index < rooms.Count; index++)
                SelectFrom_NeedsLock(_rooms.GetValueOrDefault(rooms[index])?.Snapshot ?? [], rooms, index, except, selected, ref count);

            return new SocketSelection(selected, count);
        }
    }

    // Whoever is in an earlier room of the list has been taken from there.
    private static void SelectFrom_NeedsLock(
        SocketIOSocket[] sockets, IReadOnlyList<string> rooms, int earlierCount, IReadOnlyList<string> except, SocketIOSocket[] selected, ref int count)
    {
        foreach (var socket in sockets)
        {
            if (!IsInAny_NeedsLock(socket, rooms, earlierCount) && !IsInAny_NeedsLock(socket, except, except.Count))
                selected[count++] = socket;
        }
    }

    private static bool IsInAny_NeedsLock(SocketIOSocket socket, IReadOnlyList<string> names, int count)
    {
        for (var index = 0; index < count; index++)
        {
            if (socket.JoinedRooms.Contains(names[index]))
                return true;
        }

        return false;
    }

    private SocketIOSocket[] Everybody_NeedsLock() => _everybody ??= [.. _sockets.Values];

    private void Join_NeedsLock(SocketIOSocket socket, string name)
    {
        if (!socket.JoinedRooms.Add(name))
            return;

        if (!_rooms.TryGetValue(name, out var members))
        {
            _rooms.Add(name, members = new RoomMembers());
            Note_NeedsLock(new RoomChange(RoomChangeKind.Created, name));
        }

        members.Add(socket);
        Note_NeedsLock(new RoomChange(RoomChangeKind.Joined, name, socket.Id));
    }

    private void Leave_NeedsLock(SocketIOSocket socket, string name)
    {
        var members = _rooms[name]; // Whoever is in a room keeps it there.
        members.Remove(socket);
        Note_NeedsLock(new RoomChange(RoomChangeKind.Left, name, socket.Id));
        if (members.Count > 0)
            return;

        _rooms.Remove(name);
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
