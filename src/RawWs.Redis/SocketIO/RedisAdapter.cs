using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;
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
    // How often those who are waited for are counted again.
    private const int CountsPerTimeout = 5;

    // Of other servers, until the application has looked at it.
    private const int MaxWaitingEvents = 10_000;

    private readonly string _uid = AdapterId.New();
    private readonly IRedisClient _redis;
    private readonly RedisAdapterOptions _options;
    private readonly AdapterChannels _channels;
    private readonly AdapterMetrics _metrics = new();
    private readonly ILogger _logger;
    private readonly LogPace _pace;
    private readonly ConcurrentDictionary<string, PendingRequest> _pending = new(StringComparer.Ordinal);
    private readonly Channel<Action> _events = Channel.CreateBounded<Action>(new BoundedChannelOptions(MaxWaitingEvents) { SingleReader = true });
    private IRedisSubscription[] _subscriptions = [];
    private int _lastServerCount = 1;

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
        _logger = nsp.Options.LoggerFactory.CreateLogger("RawWs.Redis");
        _pace = new LogPace(Time);
    }

    private TimeProvider Time => Namespace.Options.TimeProvider;

    // Who does not hear what others say does not know whom it has heard.
    private bool IsListening => _subscriptions.Length > 0 && Array.TrueForAll(_subscriptions, static subscription => subscription.IsConfirmed);

    /// <inheritdoc/>
    /// <remarks>Waits until others are heard, or for <see cref="RedisAdapterOptions.RequestTimeout"/>: then clients are served without.</remarks>
    public override async Task InitializeAsync()
    {
        var receiver = new AdapterSubscriber(Receive);
        _subscriptions =
        [
            _redis.Subscribe(_channels.Broadcasts, receiver),
            _redis.Subscribe(_channels.Requests, receiver),
            _redis.Subscribe(_channels.Responses, receiver),
            _redis.Subscribe(_channels.ResponsesTo(_uid), receiver),
        ];
        _ = Task.Run(CallHandlersAsync);
        using var stopping = new CancellationTokenSource(_options.RequestTimeout, Time);
        await Task.WhenAll(_subscriptions.Select(subscription => subscription.WaitForConfirmationAsync(stopping.Token).AsTask())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override async Task CloseAsync()
    {
        foreach (var subscription in _subscriptions)
            await subscription.DisposeAsync().ConfigureAwait(false);

        _events.Writer.TryComplete();
        _metrics.Dispose();
    }

    /// <inheritdoc/>
    /// <remarks>Those that are subscribed. While Redis can't be asked, as many as there were last, and at least one other, for none can be ruled out.</remarks>
    public override async ValueTask<int> CountServersAsync(CancellationToken cancellationToken = default)
        => await TryCountAsync(cancellationToken).ConfigureAwait(false) ?? Math.Max(2, Volatile.Read(ref _lastServerCount));

    /// <inheritdoc/>
    public override async Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        Deliver(packet, options);
        if (options.IsLocal)
            return;

        options = Distinct(options);
        await TryPublishAsync(_channels.BroadcastsTo(options.Rooms), BroadcastBody.Write(_uid, Namespace.Name, packet.EventName, packet.Values, options)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        Ask(packet, options, acks, cancellationToken);
        if (options.IsLocal)
            return;

        var requestId = AddPending(new PendingBroadcast(Namespace, acks), cancellationToken);
        var question = BroadcastBody.WriteQuestion(_uid, requestId, Namespace.Name, packet.EventName, packet.Values, Distinct(options));
        await TryPublishAsync(_channels.Requests, question).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<FetchedSockets> FetchSocketsAsync(BroadcastOptions options, CancellationToken cancellationToken = default)
    {
        var local = await base.FetchSocketsAsync(options, cancellationToken).ConfigureAwait(false);
        if (options.IsLocal)
            return local;

        var (remote, isComplete) = await ListAsync("sockets", ReadSocket, requestId => RequestBody.Fetch(_uid, requestId, Distinct(options)), cancellationToken).ConfigureAwait(false);
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
            "rooms", static (_, item) => AdapterBody.RoomOf(item), requestId => RequestBody.AllRooms(_uid, requestId), cancellationToken).ConfigureAwait(false);
        return (new HashSet<string>([.. local, .. remote], StringComparer.Ordinal), isComplete);
    }

    /// <inheritdoc/>
    public override async Task JoinSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.JoinSocketsAsync(options, rooms).ConfigureAwait(false);
        if (!options.IsLocal)
            await TryPublishAsync(_channels.Requests, RequestBody.Rooms(AdapterRequestType.Join, _uid, Distinct(options), rooms)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task LeaveSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.LeaveSocketsAsync(options, rooms).ConfigureAwait(false);
        if (!options.IsLocal)
            await TryPublishAsync(_channels.Requests, RequestBody.Rooms(AdapterRequestType.Leave, _uid, Distinct(options), rooms)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        await base.DisconnectSocketsAsync(options, close).ConfigureAwait(false);
        if (!options.IsLocal)
            await TryPublishAsync(_channels.Requests, RequestBody.Disconnect(_uid, Distinct(options), close)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task ServerSideEmitAsync(SocketIOPacket packet)
        => await TryPublishAsync(_channels.Requests, RequestBody.ServerSideEmit(_uid, null, packet.EventName, packet.Values)).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<int> ServerSideEmitWithAckAsync(SocketIOPacket packet, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        var requestId = AddPending(new PendingServerSideEmit(Namespace, acks), cancellationToken);
        await TryPublishAsync(_channels.Requests, RequestBody.ServerSideEmit(_uid, requestId, packet.EventName, packet.Values)).ConfigureAwait(false);
        return await CountServersAsync(cancellationToken).ConfigureAwait(false) - 1;
    }

    // A channel is chosen by how many rooms there are.
    private static BroadcastOptions Distinct(BroadcastOptions options)
        => options.Rooms.Count + options.Except.Count < 2 ? options : options with { Rooms = [.. options.Rooms.Distinct(StringComparer.Ordinal)], Except = [.. options.Except.Distinct(StringComparer.Ordinal)] };

    private RemoteSocket ReadSocket(AdapterBody answer, JsonElement socket)
    {
        var id = AdapterBody.TextOf(AdapterBody.Member(socket, "id"u8)) ?? throw new JsonException("A socket has an id.");
        var (handshake, data) = (answer.DescriptionOf(Namespace, AdapterBody.Member(socket, "handshake"u8)), answer.DescriptionOf(Namespace, AdapterBody.Member(socket, "data"u8)));
        return new RemoteSocket(Namespace, id, handshake, AdapterBody.RoomsOf(AdapterBody.Member(socket, "rooms"u8)), data);
    }

    private string AddPending(PendingRequest request, CancellationToken cancellationToken)
    {
        var requestId = AdapterId.New();
        _pending[requestId] = request;
        cancellationToken.UnsafeRegister(state => _pending.TryRemove(requestId, out _), null);
        return requestId;
    }

    // Whoever goes while it is waited for has no sockets any more.
    private async Task<(IReadOnlyList<T> Items, bool IsComplete)> ListAsync<T>(
        string member, Func<AdapterBody, JsonElement, T> readItem, Func<string, ReadOnlyMemory<byte>> write, CancellationToken cancellationToken)
    {
        if (!IsListening || await TryCountAsync(cancellationToken).ConfigureAwait(false) is not { } serverCount)
            return ([], false);

        if (serverCount < 2)
            return ([], true);

        var pending = new PendingList<T>(member, readItem, serverCount - 1);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var requestId = AddPending(pending, stopping.Token);
        var isAsked = await TryPublishAsync(_channels.Requests, write(requestId)).ConfigureAwait(false);
        for (var counts = 0; isAsked && counts < CountsPerTimeout && !pending.Complete.IsCompleted; counts++)
        {
            await pending.Complete.WaitAsync(_options.RequestTimeout / CountsPerTimeout, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!pending.Complete.IsCompleted && await TryCountAsync(cancellationToken).ConfigureAwait(false) is { } now)
                pending.ExpectAtMost(now - 1);
        }

        await stopping.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return (pending.Items, pending.Complete.IsCompleted);
    }

    /// <returns>Null if Redis can't be asked.</returns>
    private async ValueTask<int?> TryCountAsync(CancellationToken cancellationToken)
    {
        try
        {
            var count = (int)Math.Clamp(await _redis.CountSubscriptionsAsync(_channels.Requests, cancellationToken).ConfigureAwait(false), 1, int.MaxValue);
            Volatile.Write(ref _lastServerCount, count);
            return count;
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException or ObjectDisposedException)
        {
            return null;
        }
    }

    private void Publish(RedisChannel channel, ReadOnlyMemory<byte> body) => _ = TryPublishAsync(channel, body);

    private async Task<bool> TryPublishAsync(RedisChannel channel, ReadOnlyMemory<byte> body)
    {
        try
        {
            await _redis.PublishAsync(channel, body).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException or ObjectDisposedException)
        {
            _metrics.NotSaid();
            if (_pace.TrySay(out var count))
                AdapterLog.NotSaid(_logger, Namespace.Name, error.Message, count);

            return false;
        }
    }
}
