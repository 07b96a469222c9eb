namespace RawWs.Rooms;

/// <summary>A set of connections, and an array of them for those who go through them all while it changes.</summary>
/// <remarks>Not thread-safe, but for <see cref="Snapshot"/> of which there is one already: its owner's lock guards it.</remarks>
internal sealed class ConnectionSet
{
    private readonly HashSet<WebSocketConnection> _connections = [];
    private WebSocketConnection[]? _snapshot;

    public int Count => _connections.Count;

    /// <summary>The array, if the set has not changed since it was made.</summary>
    public WebSocketConnection[]? CurrentSnapshot => Volatile.Read(ref _snapshot);

    public bool Contains(WebSocketConnection connection) => _connections.Contains(connection);

    public bool Add(WebSocketConnection connection)
    {
        if (!_connections.Add(connection))
            return false;

        _snapshot = null;
        return true;
    }

    public bool Remove(WebSocketConnection connection)
    {
        if (!_connections.Remove(connection))
            return false;

        // A crowd that has gone does not keep its memory.
        if (_connections.Capacity > 64 && _connections.Count < _connections.Capacity / 4)
            _connections.TrimExcess(2 * _connections.Count);

        _snapshot = null;
        return true;
    }

    /// <summary>The members of this moment. Made at most once for each change, so that a burst of joins costs one copy and not one each.</summary>
    public WebSocketConnection[] Snapshot()
    {
        if (_snapshot is { } current)
            return current;

        var made = new WebSocketConnection[_connections.Count];
        _connections.CopyTo(made);
        Volatile.Write(ref _snapshot, made);
        return made;
    }
}
