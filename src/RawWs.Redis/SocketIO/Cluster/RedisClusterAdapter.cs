using System.Diagnostics.CodeAnalysis;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;

namespace RawWs.Redis;

/// <summary>
/// What <see cref="RedisShardedAdapter"/> and <see cref="RedisStreamsAdapter"/> have in common: the messages of the cluster adapter of Node's <c>socket.io-adapter</c>, which each of them carries in its own way.
/// Nothing else derives from it.
/// </summary>
/// <remarks>
/// Thread-safe. Rooms are told nobody of: each server knows those of its own sockets. How many servers there are Redis says, by their subscriptions, so one that has ended is not waited for. Nothing throws
/// because Redis fails: <see cref="FetchedSockets.IsComplete"/> and <see cref="BroadcastAcks{T}.IsComplete"/> say what was not heard of.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "CloseAsync is its end.")]
public abstract partial class RedisClusterAdapter : SocketIOAdapter
{
    private readonly IRedisClient _redis;
    private readonly TimeSpan _requestTimeout;
    private readonly AdapterSubscriber _subscriber;
    private readonly AdapterRequests _requests;
    private readonly HandlerQueue _handlers = new();
    private IRedisSubscription[] _subscriptions = [];

    private protected RedisClusterAdapter(SocketIONamespace nsp, IRedisClient redis, string channelPrefix, RedisChannelKind channelKind, TimeSpan requestTimeout)
        : base(nsp)
    {
        ArgumentNullException.ThrowIfNull(redis);
        (_redis, _requestTimeout) = (redis, requestTimeout);
        Everybody = new RedisChannel($"{channelPrefix}#{nsp.Name}#", channelKind);
        Connection = new AdapterConnection(nsp, redis, Everybody);
        Reader = new AdapterReader(nsp);
        _subscriber = new AdapterSubscriber(Receive);
        _requests = new AdapterRequests(nsp, Connection, ClusterBody.NewId, requestTimeout, () => _subscriber.CountInterruptions(_subscriptions));
    }

    private protected string Uid { get; } = ClusterBody.NewId();

    /// <summary>The channel that all servers hear.</summary>
    private protected RedisChannel Everybody { get; }

    private protected AdapterConnection Connection { get; }

    private protected AdapterReader Reader { get; }

    /// <inheritdoc/>
    /// <remarks>Waits until others are heard, or for the time that requests have: then clients are served without.</remarks>
    public override async Task InitializeAsync()
    {
        _subscriptions = [_redis.Subscribe(Everybody, _subscriber), _redis.Subscribe(ChannelOf(Uid), _subscriber)];
        _handlers.Start();
        using var stopping = new CancellationTokenSource(_requestTimeout, Namespace.Options.TimeProvider);
        var confirmed = _subscriptions.Select(subscription => subscription.WaitForConfirmationAsync(stopping.Token).AsTask());

        // What else is heard has nothing of requests.
        await Task.WhenAll([.. confirmed, BeginAsync(new AdapterSubscriber(Receive), stopping.Token)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override async Task CloseAsync()
    {
        await EndAsync().ConfigureAwait(false);
        foreach (var subscription in _subscriptions)
            await subscription.DisposeAsync().ConfigureAwait(false);

        _handlers.Dispose();
        Connection.Dispose();
    }

    /// <inheritdoc/>
    /// <remarks>Those that are subscribed. While Redis can't be asked, as many as there were last, and at least one other, for none can be ruled out.</remarks>
    public override ValueTask<int> CountServersAsync(CancellationToken cancellationToken = default) => Connection.CountAsync(cancellationToken);

    /// <inheritdoc/>
    public override async Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        Deliver(packet, options);
        if (!options.IsLocal)
            await TrySayAsync(new BroadcastMessage(packet, Distinct(options))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        Ask(packet, options, acks, cancellationToken);
        if (options.IsLocal)
            return;

        var requestId = _requests.Add(new PendingBroadcast(Namespace, acks), cancellationToken);
        await TrySayAsync(new BroadcastMessage(packet, Distinct(options), requestId), acks).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<FetchedSockets> FetchSocketsAsync(BroadcastOptions options, CancellationToken cancellationToken = default)
    {
        var local = await base.FetchSocketsAsync(options, cancellationToken).ConfigureAwait(false);
        if (options.IsLocal)
            return local;

        var (remote, isComplete) = await _requests.ListAsync(
            "sockets", Reader.ReadSocket, requestId => TrySayAsync(new FetchMessage(Distinct(options), requestId)), cancellationToken).ConfigureAwait(false);
        return new FetchedSockets([.. local, .. remote], isComplete);
    }

    /// <inheritdoc/>
    public override async Task JoinSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.JoinSocketsAsync(options, rooms).ConfigureAwait(false);
        if (!options.IsLocal)
            await TrySayAsync(new RoomsMessage(ClusterMessageType.SocketsJoin, Distinct(options), rooms)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task LeaveSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.LeaveSocketsAsync(options, rooms).ConfigureAwait(false);
        if (!options.IsLocal)
            await TrySayAsync(new RoomsMessage(ClusterMessageType.SocketsLeave, Distinct(options), rooms)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        await base.DisconnectSocketsAsync(options, close).ConfigureAwait(false);
        if (!options.IsLocal)
            await TrySayAsync(new DisconnectMessage(Distinct(options), close)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override Task ServerSideEmitAsync(SocketIOPacket packet) => TrySayAsync(new ServerSideMessage(packet));

    /// <inheritdoc/>
    public override async Task<int> ServerSideEmitWithAckAsync(SocketIOPacket packet, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        var requestId = _requests.Add(new PendingServerSideEmit(Namespace, "packet", acks), cancellationToken);
        await TrySayAsync(new ServerSideMessage(packet, requestId), acks).ConfigureAwait(false);
        return await CountServersAsync(cancellationToken).ConfigureAwait(false) - 1;
    }

    /// <summary>Where one server is answered.</summary>
    private protected RedisChannel ChannelOf(string uid) => Everybody with { Name = $"{Everybody.Name}{uid}#" };

    /// <summary>Begins to hear what does not come over the two channels.</summary>
    /// <param name="receiver">Takes whole messages.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    private protected virtual Task BeginAsync(RedisSubscriber receiver, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends what <see cref="BeginAsync"/> has begun.</summary>
    private protected virtual Task EndAsync() => Task.CompletedTask;

    /// <summary>Says something to all other servers.</summary>
    /// <param name="message">What.</param>
    /// <param name="acks">Who waits for answers to it: is told if nobody has heard it.</param>
    /// <returns>Whether it was said, as far as is known.</returns>
    private protected abstract Task<bool> TrySayAsync(ClusterMessage message, IBroadcastAckReceiver? acks = null);

    /// <summary>Answers a server.</summary>
    private protected abstract Task<bool> TryAnswerAsync(string uid, ClusterMessage message);

    // Where it goes depends on how many rooms there are.
    private protected static BroadcastOptions Distinct(BroadcastOptions options)
        => options.Rooms.Count + options.Except.Count < 2 ? options : options with { Rooms = [.. options.Rooms.Distinct(StringComparer.Ordinal)], Except = [.. options.Except.Distinct(StringComparer.Ordinal)] };
}
