namespace RawWs.SocketIO;

/// <summary>Who is in which room of a namespace. A room is a name, and there while somebody is in it. Thread-safe.</summary>
internal sealed class RoomTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SocketIOSocket> _sockets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<SocketIOSocket>> _rooms = new(StringComparer.Ordinal);

    // Made at most once for each change, so that a burst of broadcasts costs one copy.
    private SocketIOSocket[]? _everybody;

    /// <summary>All sockets at this moment.</summary>
    public IReadOnlyList<SocketIOSocket> All
    {
        get
        {
            lock (_gate)
            {
                return _everybody ??= [.. _sockets.Values];
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

    /// <summary>Adds a socket, with the room of its own.</summary>
    public void Add(SocketIOSocket socket)
    {
        lock (_gate)
        {
            _everybody = null;
            _sockets.Add(socket.Id, socket);
            Join_NeedsLock(socket, socket.Id);
        }
    }

    /// <summary>Joins rooms; a socket that is not here any more joins none.</summary>
    /// <exception cref="InvalidOperationException">The socket would be in too many.</exception>
    public void Join(SocketIOSocket socket, IReadOnlyCollection<string> names, int maxCount)
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

    /// <summary>Leaves a room.</summary>
    public void Leave(SocketIOSocket socket, string name)
    {
        lock (_gate)
        {
            if (_sockets.ContainsKey(socket.Id) && socket.JoinedRooms.Remove(name))
                Leave_NeedsLock(socket, name);
        }
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

    /// <summary>Who is in any of some rooms, or all if none is named, and in none of others; each once.</summary>
    public IReadOnlyCollection<SocketIOSocket> Select(IReadOnlyCollection<string> rooms, IReadOnlyCollection<string> except)
    {
        lock (_gate)
        {
            if (rooms.Count == 0 && except.Count == 0)
                return _everybody ??= [.. _sockets.Values];

            var selected = new HashSet<SocketIOSocket>();
            if (rooms.Count == 0)
                selected.UnionWith(_sockets.Values);

            foreach (var name in rooms)
                selected.UnionWith(_rooms.GetValueOrDefault(name) ?? []);

            foreach (var name in except)
                selected.ExceptWith(_rooms.GetValueOrDefault(name) ?? []);

            return selected;
        }
    }

    private void Join_NeedsLock(SocketIOSocket socket, string name)
    {
        if (!socket.JoinedRooms.Add(name))
            return;

        if (!_rooms.TryGetValue(name, out var members))
            _rooms.Add(name, members = []);

        members.Add(socket);
    }

    private void Leave_NeedsLock(SocketIOSocket socket, string name)
    {
        if (_rooms.TryGetValue(name, out var members) && members.Remove(socket) && members.Count == 0)
            _rooms.Remove(name);
    }
}
