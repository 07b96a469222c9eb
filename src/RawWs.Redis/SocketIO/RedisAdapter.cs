using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;

namespace RawWs.Redis;

/// <summary>
/// Joins the namespaces of several Socket.IO servers through channels of Redis: those of RawWs with each other, and with those of Node that have <c>@socket.io/redis-adapter</c> 7 or 8. What is
/// sent reaches the sockets of this server whether or not Redis is there; what others were to be told meanwhile is lost to them, and counted.
/// </summary>
/// <remarks>
/// Thread-safe. Rooms are told nobody of: each server knows those of its own sockets. Other servers are waited for that are subscribed at that moment. Nothing of it throws because Redis fails:
/// <see cref="FetchedSockets.IsComplete"/> and <see cref="BroadcastAcks{T}.IsComplete"/> say what was not heard of.
/// </remarks>
/// <example><code>
/// var redis = new RedisClient(RedisOptions.Parse("localhost:6379"));
/// var io = new SocketIOServer(server, new SocketIOServerOptions { Adapter = nsp => new RedisAdapter(nsp, redis) });
/// </code></example>
[SuppressMessage("Design", "CA1001", Justification = "CloseAsync is its end.")]
public sealed partial class RedisAdapter : SocketIOAdapter
{
    private readonly string _uid = AdapterId.New();
    private readonly IRedisClient _redis;
    private readonly RedisAdapterOptions _options;
    private readonly AdapterChannels _channels;
    private readonly AdapterConnection _connection;
    private readonly AdapterSubscriber _subscriber;
    private readonly AdapterRequests _requests;
    private readonly AdapterReader _reader;
    private readonly HandlerQueue _handlers = new();
    private IRedisSubscription[] _subscriptions = [];

    /// <summary>Makes the adapter of a namespace.</summary>
    /// <param name="nsp">The namespace, whose options say how the time goes and where the log is.</param>
    /// <param name="redis">For all namespaces of one server, and for one server only: Redis tells servers apart by their connections. It outlives the adapter.</param>
    /// <param name="options">How servers talk; null for the defaults. Read now.</param>
    public RedisAdapter(SocketIONamespace nsp, IRedisClient redis, RedisAdapterOptions? options = null)
        : base(nsp)
    {
        ArgumentNullException.ThrowIfNull(redis);
        options ??= new RedisAdapterOptions();
        (_redis, _options) = (redis, new() { Key = options.Key, RequestTimeout = options.RequestTimeout, PublishOnSpecificResponseChannel = options.PublishOnSpecificResponseChannel });
        _channels = new AdapterChannels(options.Key, nsp.Name);
        _connection = new AdapterConnection(nsp, redis, _channels.Requests);
        _subscriber = new AdapterSubscriber(Receive);
        _requests = new AdapterRequests(nsp, _connection, AdapterId.New, _options.RequestTimeout, () => _subscriber.CountInterruptions(_subscriptions));
        _reader = new AdapterReader(nsp);
    }

    /// <inheritdoc/>
    /// <remarks>Waits until others are heard, or for <see cref="RedisAdapterOptions.RequestTimeout"/>: then clients are served without.</remarks>
    public override async Task InitializeAsync()
    {
        _subscriptions =
        [
            _redis.Subscribe(_channels.Broadcasts, _subscriber),
            _redis.Subscribe(_channels.Requests, _subscriber),
            _redis.Subscribe(_channels.Responses, _subscriber),
            _redis.Subscribe(_channels.ResponsesTo(_uid), _subscriber),
        ];
        _handlers.Start();
        using var stopping = new CancellationTokenSource(_options.RequestTimeout, Namespace.Options.TimeProvider);
        await Task.WhenAll(_subscriptions.Select(subscription => subscription.WaitForConfirmationAsync(stopping.Token).AsTask())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override async Task CloseAsync()
    {
        foreach (var subscription in _subscriptions)
            await subscription.DisposeAsync().ConfigureAwait(false);

        _handlers.Dispose();
        _connection.Dispose();
    }

    /// <inheritdoc/>
    /// <remarks>Those that are subscribed. While Redis can't be asked, as many as there were last, and at least one other, for none can be ruled out.</remarks>
    public override ValueTask<int> CountServersAsync(CancellationToken cancellationToken = default) => _connection.CountAsync(cancellationToken);

    /// <inheritdoc/>
    public override async Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        Deliver(packet, options);
        if (options.IsLocal)
            return;

        options = Distinct(options);
        await _connection.TryPublishAsync(_channels.BroadcastsTo(options.Rooms), BroadcastBody.Write(_uid, Namespace.Name, packet.EventName, packet.Values, options)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        Ask(packet, options, acks, cancellationToken);
        if (options.IsLocal)
            return;

        var requestId = _requests.Add(new PendingBroadcast(Namespace, acks), cancellationToken);
        var question = BroadcastBody.WriteQuestion(_uid, requestId, Namespace.Name, packet.EventName, packet.Values, Distinct(options));
        await _connection.TryPublishAsync(_channels.Requests, question, acks).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<FetchedSockets> FetchSocketsAsync(BroadcastOptions options, CancellationToken cancellationToken = default)
    {
        var local = await base.FetchSocketsAsync(options, cancellationToken).ConfigureAwait(false);
        if (options.IsLocal)
            return local;

        var (remote, isComplete) = await ListAsync("sockets", _reader.ReadSocket, requestId => RequestBody.Fetch(_uid, requestId, Distinct(options)), cancellationToken).ConfigureAwait(false);
        return new FetchedSockets([.. local, .. remote], isComplete);
    }

    /// <summary>The names of the rooms on all servers, those of single sockets among them.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The names, each once, and whether every server has answered.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<(IReadOnlySet<string> Rooms, bool IsComplete)> FetchRoomsAsync(CancellationToken cancellationToken = default)
    {
        var local = LocalRooms;
        var (remote, isComplete) = await ListAsync(
            "rooms", static (_, item) => AdapterBody.NameOfRoom(item), requestId => RequestBody.AllRooms(_uid, requestId), cancellationToken).ConfigureAwait(false);
        return (new HashSet<string>([.. local, .. remote], StringComparer.Ordinal), isComplete);
    }

    /// <inheritdoc/>
    public override async Task JoinSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.JoinSocketsAsync(options, rooms).ConfigureAwait(false);
        if (!options.IsLocal)
            await _connection.TryPublishAsync(_channels.Requests, RequestBody.Rooms(AdapterRequestType.Join, _uid, Distinct(options), rooms)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task LeaveSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.LeaveSocketsAsync(options, rooms).ConfigureAwait(false);
        if (!options.IsLocal)
            await _connection.TryPublishAsync(_channels.Requests, RequestBody.Rooms(AdapterRequestType.Leave, _uid, Distinct(options), rooms)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        await base.DisconnectSocketsAsync(options, close).ConfigureAwait(false);
        if (!options.IsLocal)
            await _connection.TryPublishAsync(_channels.Requests, RequestBody.Disconnect(_uid, Distinct(options), close)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task ServerSideEmitAsync(SocketIOPacket packet)
        => await _connection.TryPublishAsync(_channels.Requests, RequestBody.ServerSideEmit(_uid, null, packet.EventName, packet.Values)).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<int> ServerSideEmitWithAckAsync(SocketIOPacket packet, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        var requestId = _requests.Add(new PendingServerSideEmit(Namespace, "data", acks), cancellationToken);
        await _connection.TryPublishAsync(_channels.Requests, RequestBody.ServerSideEmit(_uid, requestId, packet.EventName, packet.Values), acks).ConfigureAwait(false);
        return await CountServersAsync(cancellationToken).ConfigureAwait(false) - 1;
    }

    // A channel is chosen by how many rooms there are.
    private static BroadcastOptions Distinct(BroadcastOptions options)
        => options.Rooms.Count + options.Except.Count < 2 ? options : options with { Rooms = [.. options.Rooms.Distinct(StringComparer.Ordinal)], Except = [.. options.Except.Distinct(StringComparer.Ordinal)] };

    private Task<(IReadOnlyList<T> Items, bool IsComplete)> ListAsync<T>(
        string member, Func<AdapterBody, JsonElement, T?> readItem, Func<string, ReadOnlyMemory<byte>> write, CancellationToken cancellationToken)
        where T : class
        => _requests.ListAsync(member, readItem, requestId => _connection.TryPublishAsync(_channels.Requests, write(requestId)), cancellationToken);

    private void Publish(RedisChannel channel, ReadOnlyMemory<byte> body) => _ = _connection.TryPublishAsync(channel, body);
}
