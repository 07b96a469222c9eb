using RawWs.Connections;

namespace RawWs.Rooms;

/// <summary>The rooms that a connection is in. Once it has left them all because it ended, it joins none any more.</summary>
/// <remarks>Thread-safe. The lock that guards the list is taken inside a room's, and never the other way round.</remarks>
internal sealed class Memberships(RoomDirectory directory, WebSocketConnection connection) : IMembership
{
    private readonly Lock _gate = new();

    // Held while it leaves everything, so that whoever comes second finds it done. Rooms' locks are taken inside it.
    private readonly Lock _leaving = new();
    private List<RoomState>? _rooms;
    private bool _hasEnded;

    /// <summary>The rooms of this moment.</summary>
    public RoomState[] Rooms
    {
        get
        {
            lock (_gate)
            {
                return _rooms is null ? [] : [.. _rooms];
            }
        }
    }

    /// <returns>Whether the room was added: not if the connection has ended.</returns>
    /// <exception cref="RoomLimitException">The connection is in too many rooms.</exception>
    public bool TryAdd(RoomState room, int maxCount)
    {
        lock (_gate)
        {
            if (_hasEnded)
                return false;

            // Few are in more than a few rooms: the list grows from one.
            _rooms ??= new List<RoomState>(1);
            if (_rooms.Count >= maxCount)
                throw new RoomLimitException($"The connection is in {maxCount} rooms already, the limit of {nameof(WebSocketServerOptions.MaxRoomsPerConnection)}.");

            _rooms.Add(room);
            return true;
        }
    }

    public void Remove(RoomState room)
    {
        lock (_gate)
        {
            if (_rooms is null)
                return;

            var index = _rooms.LastIndexOf(room);
            if (index < 0)
                return;

            // The order is nobody's concern.
            _rooms[index] = _rooms[^1];
            _rooms.RemoveAt(_rooms.Count - 1);

            // Who has been in many does not keep their memory.
            if (_rooms.Capacity > 8 && _rooms.Count < _rooms.Capacity / 4)
                _rooms.Capacity = 2 * _rooms.Count;
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        List<RoomState>? rooms;
        lock (_leaving)
        {
            rooms = TakeAll();
            rooms?.RemoveAll(room => !room.Leave(connection, this));
        }

        // When the first handler is told, it is in none of them any more.
        foreach (var room in rooms ?? [])
            directory.Announcements.Tell(room.Name);
    }

    private List<RoomState>? TakeAll()
    {
        lock (_gate)
        {
            var rooms = _rooms;
            (_rooms, _hasEnded) = (null, true);
            return rooms;
        }
    }
}
