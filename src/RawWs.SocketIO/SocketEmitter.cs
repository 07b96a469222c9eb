namespace RawWs.SocketIO;

/// <summary>A socket, and how what is sent to it is sent.</summary>
/// <remarks>Immutable and thread-safe; each call returns a new one.</remarks>
public sealed class SocketEmitter
{
    private readonly SocketIOSocket _socket;
    private readonly BroadcastOptions _options;

    internal SocketEmitter(SocketIOSocket socket, BroadcastOptions options) => (_socket, _options) = (socket, options);

    /// <summary>Drops what is sent if the connection can't take it at once, rather than have it wait.</summary>
    public SocketEmitter Volatile => new(_socket, _options with { IsVolatile = true });

    /// <summary>Everybody else in the namespace, in the same way.</summary>
    public BroadcastOperator Broadcast => new(_socket.Namespace, _options with { Except = [_socket.Id] });

    /// <summary>The members of rooms, but not this socket, in the same way.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => Broadcast.To(rooms);

    /// <summary>Whether what is sent may be compressed, where the connection has agreed on that. Without this it may.</summary>
    public SocketEmitter Compress(bool isCompressible) => new(_socket, _options with { IsCompressible = isCompressible });

    /// <summary>How long <see cref="EmitWithAckAsync{T}(string, object[])"/> waits; without this for <see cref="SocketIOServerOptions.AckTimeout"/>. Range: above 0, to 24 days.</summary>
    public SocketEmitter Timeout(TimeSpan timeout) => new(_socket, _options with { Timeout = WaitingTime.Checked(timeout) });

    /// <summary>Sends an event. After the socket was disconnected nothing happens.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values)
    {
        var nsp = _socket.Namespace;
        var packet = nsp.CreatePacket(eventName, values);

        // What can be recovered is what the adapter has seen.
        if (nsp.Options.ConnectionStateRecovery is not null && !_options.IsVolatile)
            return nsp.Adapter.BroadcastAsync(packet, _options with { Rooms = [_socket.Id] });

        _socket.Send(packet.Encode(_options.IsCompressible), _options.IsVolatile, offset: null);
        _socket.NotifyOutgoing(packet);
        return Task.CompletedTask;
    }

    /// <summary>Sends the event <c>message</c>.</summary>
    /// <inheritdoc cref="EmitAsync"/>
    public Task SendAsync(params object?[] values) => EmitAsync("message", values);

    /// <summary>Sends an event, and waits for the answer.</summary>
    /// <typeparam name="T">What the first value of the answer is.</typeparam>
    /// <param name="eventName">The name.</param>
    /// <param name="values">As for <see cref="EmitAsync"/>.</param>
    /// <returns>The first value of the answer; the default if it has none.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    /// <exception cref="EventValueException">The answer is no <typeparamref name="T"/>.</exception>
    /// <exception cref="InvalidOperationException">Too many answers are waited for.</exception>
    /// <exception cref="SocketDisconnectedException">The socket has been disconnected.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    public async Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] values)
    {
        var answer = await EmitWithAckAsync(eventName, values).ConfigureAwait(false);
        return AckValue.Read<T>(AckValue.FirstOf(answer));
    }

    /// <summary>Sends an event, and waits for the answer with all its values, as they came: for clients whose first value says whether the others are there.</summary>
    /// <param name="eventName">The name.</param>
    /// <param name="values">As for <see cref="EmitAsync"/>.</param>
    /// <returns>The values of the answer, which may be none.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    /// <exception cref="InvalidOperationException">Too many answers are waited for.</exception>
    /// <exception cref="SocketDisconnectedException">The socket has been disconnected.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    public async Task<IReadOnlyList<EventValue>> EmitWithAckAsync(string eventName, params object?[] values)
    {
        var nsp = _socket.Namespace;
        var id = nsp.NextAckId();
        var packet = nsp.CreatePacket(eventName, values).WithId(id);
        var answer = new TaskCompletionSource<IReadOnlyList<EventValue>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<IReadOnlyList<EventValue>?> answered = received =>
        {
            if (received is not null)
                answer.SetResult(received);
            else
                answer.SetException(new SocketDisconnectedException());
        };
        if (!_socket.TryAsk(id, answered))
            throw _socket.PendingAcks.IsClosed ? new SocketDisconnectedException() : TooMany();

        try
        {
            _socket.Send(packet.Encode(_options.IsCompressible), _options.IsVolatile, offset: null);
            _socket.NotifyOutgoing(packet);
            return await answer.Task.WaitAsync(_options.Timeout ?? nsp.Options.AckTimeout, nsp.Options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            nsp.Metrics.AcksTimedOut();
            throw;
        }
        finally
        {
            _socket.PendingAcks.Forget(id);
        }
    }

    private InvalidOperationException TooMany()
        => new($"{_socket.Namespace.Options.MaxPendingAckCount} acks of this socket are waited for; see {nameof(SocketIOServerOptions)}.{nameof(SocketIOServerOptions.MaxPendingAckCount)}.");
}
