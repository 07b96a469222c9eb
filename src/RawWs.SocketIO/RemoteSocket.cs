namespace RawWs.SocketIO;

/// <summary>A socket that may be on another server: what it was when it was fetched, and what can be done with it from here.</summary>
/// <remarks>Immutable and thread-safe, but for the data of a socket of this server. What is done with a socket that has gone does nothing.</remarks>
public sealed class RemoteSocket
{
    private readonly BroadcastOperator _target;
    private readonly EventValue? _data;

    /// <summary>Describes a socket of another server.</summary>
    /// <param name="nsp">Its namespace.</param>
    /// <param name="id">Its id.</param>
    /// <param name="handshake">What <see cref="HandshakeValue"/> was there.</param>
    /// <param name="rooms">Its rooms.</param>
    /// <param name="data">What <see cref="DataValue"/> was there.</param>
    public RemoteSocket(SocketIONamespace nsp, string id, EventValue handshake, IReadOnlyList<string> rooms, EventValue data)
        : this(nsp, id, rooms)
    {
        ArgumentNullException.ThrowIfNull(handshake);
        (Handshake, _data, Data) = (new Handshake(handshake), data, new SocketData(data));
    }

    internal RemoteSocket(SocketIOSocket socket)
        : this(socket.Namespace, socket.Id, socket.Rooms)
        => (Handshake, Data) = (socket.Handshake, socket.Data);

    private RemoteSocket(SocketIONamespace nsp, string id, IReadOnlyList<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(nsp);
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(rooms);
        (Namespace, Id, Rooms) = (nsp, id, rooms);
        _target = new BroadcastOperator(nsp, new BroadcastOptions { Rooms = [id], ExpectsSingleResponse = true });
        (Handshake, Data) = (null!, null!); // Both other constructors set them.
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Where it connected.</summary>
    public SocketIONamespace Namespace { get; }

    /// <summary>The first request of its connection, and what it said when it connected.</summary>
    public Handshake Handshake { get; }

    /// <summary>The rooms it was in.</summary>
    public IReadOnlyList<string> Rooms { get; }

    /// <summary>What its application kept with it.</summary>
    public SocketData Data { get; }

    /// <summary>The handshake as servers tell each other of it.</summary>
    public EventValue HandshakeValue => Namespace.Json.ToValue(Handshake.Describe());

    /// <summary>The data as servers tell each other of it.</summary>
    public EventValue DataValue => _data ?? Data.ToValue(Namespace);

    /// <inheritdoc cref="SocketIOSocket.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values) => _target.EmitAsync(eventName, values);

    /// <summary>Sends an event, and waits for the answer for <see cref="SocketIOServerOptions.AckTimeout"/>.</summary>
    /// <inheritdoc cref="EmitWithAckAsync{T}(TimeSpan, string, object[])"/>
    public Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] values) => EmitWithAckAsync<T>(Namespace.Options.AckTimeout, eventName, values);

    /// <summary>Sends an event, and waits for the answer.</summary>
    /// <typeparam name="T">What the first value of the answer is.</typeparam>
    /// <param name="timeout">For how long.</param>
    /// <param name="eventName">The name.</param>
    /// <param name="values">As for <see cref="EmitAsync"/>.</param>
    /// <exception cref="EventValueException">The answer is no <typeparamref name="T"/>.</exception>
    /// <exception cref="SocketDisconnectedException">The socket has gone.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    public async Task<T?> EmitWithAckAsync<T>(TimeSpan timeout, string eventName, params object?[] values)
    {
        var acks = await _target.Timeout(timeout).EmitWithAckAsync<T>(eventName, values).ConfigureAwait(false);
        if (acks.Values.Count > 0)
            return acks.Values[0];

        throw acks.IsComplete ? new SocketDisconnectedException() : new TimeoutException("The socket did not answer in time.");
    }

    /// <summary>Lets it join rooms.</summary>
    public Task JoinAsync(params IReadOnlyCollection<string> rooms) => _target.SocketsJoinAsync(rooms);

    /// <summary>Lets it leave rooms.</summary>
    public Task LeaveAsync(params IReadOnlyCollection<string> rooms) => _target.SocketsLeaveAsync(rooms);

    /// <summary>Disconnects it.</summary>
    /// <param name="close">Whether its whole connection ends.</param>
    public Task DisconnectAsync(bool close = false) => _target.DisconnectSocketsAsync(close);
}
