namespace RawWs.SocketIO;

/// <summary>Some of the sockets of a namespace, on this server and all others: what is sent to it goes to each of them once. Chosen anew whenever it is used.</summary>
/// <remarks>Immutable and thread-safe; each call returns a new one. A packet is encoded once for all.</remarks>
public sealed class BroadcastOperator
{
    private readonly SocketIONamespace _namespace;
    private readonly BroadcastOptions _options;

    internal BroadcastOperator(SocketIONamespace nsp, BroadcastOptions options) => (_namespace, _options) = (nsp, options);

    /// <summary>Drops what is sent for those whose connection can't take it at once, rather than have it wait.</summary>
    public BroadcastOperator Volatile => With(_options with { IsVolatile = true });

    /// <summary>Only the sockets of this server.</summary>
    public BroadcastOperator Local => With(_options with { IsLocal = true });

    /// <summary>The sockets of this server that are meant at this moment.</summary>
    public IReadOnlyList<SocketIOSocket> Sockets => _namespace.Adapter.FindLocalSockets(_options);

    /// <summary>Adds the members of rooms. A socket's id is the room of that socket.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return With(_options with { Rooms = [.. _options.Rooms, .. rooms] });
    }

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Leaves out the members of rooms.</summary>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return With(_options with { Except = [.. _options.Except, .. rooms] });
    }

    /// <summary>Whether what is sent may be compressed, where the connection has agreed on that. Without this it may.</summary>
    public BroadcastOperator Compress(bool isCompressible) => With(_options with { IsCompressible = isCompressible });

    /// <summary>How long <see cref="EmitWithAckAsync"/> waits. Range: above 0, to 24 days.</summary>
    public BroadcastOperator Timeout(TimeSpan timeout) => With(_options with { Timeout = WaitingTime.Checked(timeout) });

    /// <summary>Sends an event.</summary>
    /// <param name="eventName">Its name.</param>
    /// <param name="values">
    /// What it carries, each written by its own type; bytes as binary, wherever they are. An array of strings or other objects is taken for several values: to send
    /// it as one, wrap it, <c>[names]</c>.
    /// </param>
    /// <returns>When other servers have been told, if there are any. What a connection can't take at once waits in its queue.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public Task EmitAsync(string eventName, params object?[] values) => _namespace.Adapter.BroadcastAsync(_namespace.CreatePacket(eventName, values), _options);

    /// <summary>Sends the event <c>message</c>.</summary>
    /// <inheritdoc cref="EmitAsync"/>
    public Task SendAsync(params object?[] values) => EmitAsync("message", values);

    /// <summary>Sends an event, and waits until everybody has answered it or gone, or the time is up.</summary>
    /// <inheritdoc cref="EmitAsync" path="/param|/exception"/>
    /// <exception cref="EventValueException">An answer is no <typeparamref name="T"/>.</exception>
    /// <exception cref="InvalidOperationException">Too many answers of one of the sockets are waited for.</exception>
    public async Task<BroadcastAcks<T>> EmitWithAckAsync<T>(string eventName, params object?[] values)
    {
        var packet = _namespace.CreatePacket(eventName, values);
        var options = _options with { Timeout = _options.Timeout ?? _namespace.Options.AckTimeout };
        return await AckWaiting.WaitAsync<T>(
            _namespace,
            options.Timeout.Value,
            async (acks, stopping) =>
            {
                await _namespace.Adapter.BroadcastWithAckAsync(packet, options, acks, stopping).ConfigureAwait(false);
                return options.IsLocal ? 1 : await _namespace.Adapter.CountServersAsync(stopping).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    /// <summary>Describes the sockets that are meant at this moment, on all servers.</summary>
    public Task<FetchedSockets> FetchSocketsAsync(CancellationToken cancellationToken = default)
        => _namespace.Adapter.FetchSocketsAsync(_options, cancellationToken);

    /// <summary>Lets all of them join rooms. One that would be in too many stays where it is, and its <see cref="SocketIOSocket.OnError"/> is told.</summary>
    public Task SocketsJoinAsync(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return _namespace.Adapter.JoinSocketsAsync(_options, rooms);
    }

    /// <summary>Lets all of them leave rooms.</summary>
    public Task SocketsLeaveAsync(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return _namespace.Adapter.LeaveSocketsAsync(_options, rooms);
    }

    /// <summary>Disconnects all of them.</summary>
    /// <param name="close">Whether their connections end too.</param>
    public Task DisconnectSocketsAsync(bool close = false) => _namespace.Adapter.DisconnectSocketsAsync(_options, close);

    private BroadcastOperator With(BroadcastOptions options) => new(_namespace, options);
}
