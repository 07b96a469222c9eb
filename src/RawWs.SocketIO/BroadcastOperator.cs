namespace RawWs.SocketIO;

/// <summary>Some of the sockets of a namespace: what is sent to it goes to each of them once. Chosen anew whenever it is used.</summary>
/// <remarks>Immutable and thread-safe; each call returns a new one. A packet is encoded once for all.</remarks>
public sealed class BroadcastOperator
{
    private readonly SocketIONamespace _namespace;
    private readonly string[] _rooms;
    private readonly string[] _except;
    private readonly TimeSpan? _timeout;
    private readonly bool _isVolatile;

    internal BroadcastOperator(SocketIONamespace nsp)
        : this(nsp, [], [], null, false)
    {
    }

    private BroadcastOperator(SocketIONamespace nsp, string[] rooms, string[] except, TimeSpan? timeout, bool isVolatile)
        => (_namespace, _rooms, _except, _timeout, _isVolatile) = (nsp, rooms, except, timeout, isVolatile);

    /// <summary>Drops what is sent for those whose connection can't take it at once, rather than have it wait.</summary>
    public BroadcastOperator Volatile => new(_namespace, _rooms, _except, _timeout, isVolatile: true);

    /// <summary>The sockets that are meant at this moment.</summary>
    public IReadOnlyCollection<SocketIOSocket> Sockets => _namespace.Rooms.Select(_rooms, _except);

    /// <summary>Adds the members of rooms. A socket's id is the room of that socket.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return new(_namespace, [.. _rooms, .. rooms], _except, _timeout, _isVolatile);
    }

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Leaves out the members of rooms.</summary>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return new(_namespace, _rooms, [.. _except, .. rooms], _timeout, _isVolatile);
    }

    /// <summary>How long <see cref="EmitWithAckAsync"/> waits.</summary>
    public BroadcastOperator Timeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return new(_namespace, _rooms, _except, timeout, _isVolatile);
    }

    /// <summary>Sends an event.</summary>
    /// <param name="eventName">Its name.</param>
    /// <param name="values">
    /// What it carries, each written by its own type; bytes as binary, wherever they are. An array of strings or other objects is taken for several values: to send
    /// it as one, wrap it, <c>[names]</c>.
    /// </param>
    /// <returns>A task that is complete: what a connection can't take at once waits in its queue.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public Task EmitAsync(string eventName, params object?[] values)
    {
        var packet = _namespace.Encode(eventName, values);
        foreach (var socket in Sockets)
            socket.Send(packet, _isVolatile);

        return Task.CompletedTask;
    }

    /// <summary>Sends an event, and waits until everybody has answered it or gone, or the time is up.</summary>
    /// <inheritdoc cref="EmitAsync" path="/param|/exception"/>
    /// <exception cref="EventValueException">An answer is no <typeparamref name="T"/>.</exception>
    public async Task<BroadcastAcks<T>> EmitWithAckAsync<T>(string eventName, params object?[] values)
    {
        var id = _namespace.NextAckId();
        var packet = _namespace.Encode(eventName, values, id);
        var sockets = Sockets;
        var acks = new AckCollection(sockets.Count);
        try
        {
            foreach (var socket in sockets)
            {
                if (socket.PendingAcks.TryAdd(id, acks.Add))
                    socket.Send(packet, _isVolatile);
                else
                    acks.Add(null);
            }

            var answers = await acks.WaitAsync(_timeout ?? _namespace.Options.AckTimeout, _namespace.Options.TimeProvider).ConfigureAwait(false);
            return new BroadcastAcks<T>([.. answers.Select(answer => _namespace.FirstValueOf<T>(answer))], sockets.Count);
        }
        finally
        {
            foreach (var socket in sockets)
                socket.PendingAcks.Forget(id);
        }
    }

    /// <summary>Lets all of them join rooms.</summary>
    /// <exception cref="InvalidOperationException">One would be in too many.</exception>
    public void SocketsJoin(params IReadOnlyCollection<string> rooms)
    {
        foreach (var socket in Sockets)
            socket.Join(rooms);
    }

    /// <summary>Lets all of them leave rooms.</summary>
    public void SocketsLeave(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        foreach (var socket in Sockets)
        {
            foreach (var room in rooms)
                socket.Leave(room);
        }
    }

    /// <summary>Disconnects all of them.</summary>
    /// <param name="close">Whether their connections end too.</param>
    public void DisconnectSockets(bool close = false)
    {
        foreach (var socket in Sockets)
            socket.Disconnect(close);
    }
}
