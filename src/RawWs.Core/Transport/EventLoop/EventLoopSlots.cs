namespace RawWs.Transport;

/// <summary>
/// The connections of a loop by the tokens that the system names them with. A place is used again and a token is not: what the system still has to say of
/// a connection that has ended reaches nobody.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EventLoopSlots
{
    private const int IndexBits = 32;

    private readonly Lock _gate = new();
    private readonly Stack<int> _free = [];
    private EventLoopConnection?[] _connections = new EventLoopConnection?[64];
    private int _usedLength;
    private uint _lastGeneration;
    private int _count;

    /// <summary>How many connections there are, roughly.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Finds a place, and sets the <see cref="EventLoopConnection.Token"/> to be found by.</summary>
    public void Add(EventLoopConnection connection)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out var index))
            {
                index = _usedLength++;
                if (index == _connections.Length)
                    Volatile.Write(ref _connections, Grown_NeedsLock());
            }

            connection.Token = ((ulong)++_lastGeneration << IndexBits) | (uint)index;
            Volatile.Write(ref _connections[index], connection);
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Gives a place up. Called once for each connection.</summary>
    public void Remove(EventLoopConnection connection)
    {
        lock (_gate)
        {
            var index = IndexOf(connection.Token);
            Volatile.Write(ref _connections[index], null);
            _free.Push(index);
            Volatile.Write(ref _count, _count - 1);
        }
    }

    /// <summary>The connection whose token it is, null if it has ended.</summary>
    public EventLoopConnection? Find(ulong token)
    {
        // Without the lock: a place is filled before the system learns of the token.
        var connection = Volatile.Read(ref Volatile.Read(ref _connections)[IndexOf(token)]);
        return connection?.Token == token ? connection : null;
    }

    private static int IndexOf(ulong token) => (int)(uint)token;

    private EventLoopConnection?[] Grown_NeedsLock()
    {
        var grown = new EventLoopConnection?[2 * _connections.Length];
        _connections.CopyTo(grown, 0);
        return grown;
    }
}
