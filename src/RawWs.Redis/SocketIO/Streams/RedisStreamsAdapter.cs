using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RawWs.Redis.Client;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;

namespace RawWs.Redis;

/// <summary>
/// Joins the namespaces of several Socket.IO servers through a stream of Redis: those of RawWs with each other, and with those of Node that have <c>@socket.io/redis-streams-adapter</c> 0.3. What is said while a
/// server is cut off comes when it is back, in order. With <see cref="SocketIOServerOptions.ConnectionStateRecovery"/> a client may come back to any of them, and is sent what it missed.
/// </summary>
/// <remarks>
/// <para>
/// Without recovery what is sent reaches the sockets of this server before a method returns, whether or not Redis is there. With recovery it reaches them in the order of the stream, when it has its place there,
/// which is their offset: tasks complete then, so whoever sends something and then disconnects a socket awaits the first. While Redis is away they are sent it at once, without an offset.
/// </para>
/// <para>What was said while Redis was away may come twice to a client that loses its connection then, rather than not at all. Acks, requests and their answers are not in the stream.</para>
/// </remarks>
/// <example><code>
/// var redis = new RedisClient(RedisOptions.Parse("localhost:6379"));
/// var io = new SocketIOServer(server, new SocketIOServerOptions
/// {
///     Adapter = nsp => new RedisStreamsAdapter(nsp, redis),
///     ConnectionStateRecovery = new(),
/// });
/// </code></example>
[SuppressMessage("Design", "CA1001", Justification = "CloseAsync is its end.")]
public sealed partial class RedisStreamsAdapter : RedisClusterAdapter
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly IOrderedRedisClient _redis;
    private readonly RedisStreamsAdapterOptions _options;
    private readonly string _stream;
    private readonly StreamOutbox _outbox;
    private readonly StreamFollower _follower;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes the adapter of a namespace.</summary>
    /// <param name="nsp">The namespace, whose options say how the time goes, where the log is, and whether connections are recovered.</param>
    /// <param name="redis">For all namespaces of one server, and for one server only: Redis tells servers apart by their connections. It outlives the adapter.</param>
    /// <param name="options">How servers talk; null for the defaults. Read now.</param>
    public RedisStreamsAdapter(SocketIONamespace nsp, RedisClient redis, RedisStreamsAdapterOptions? options = null)
        : this(nsp, (IOrderedRedisClient)redis, options)
    {
    }

    /// <summary>Makes the adapter of a namespace, through a Redis Cluster: a stream is on the master of its slot, and with <see cref="RedisStreamsAdapterOptions.StreamCount"/> they are on several.</summary>
    /// <inheritdoc cref="RedisStreamsAdapter(SocketIONamespace, RedisClient, RedisStreamsAdapterOptions?)"/>
    public RedisStreamsAdapter(SocketIONamespace nsp, RedisClusterClient redis, RedisStreamsAdapterOptions? options = null)
        : this(nsp, (IOrderedRedisClient)redis, options)
    {
    }

    private RedisStreamsAdapter(SocketIONamespace nsp, IOrderedRedisClient redis, RedisStreamsAdapterOptions? options)
        : base(
            nsp,
            redis,
            (options = (options ?? new RedisStreamsAdapterOptions()).Clone()).ChannelPrefix,
            options.UseShardedChannels ? RedisChannelKind.Shard : RedisChannelKind.Channel,
            options.RequestTimeout)
    {
        (_redis, _options, _stream) = (redis, options, options.StreamOf(nsp.Name));
        _outbox = new StreamOutbox(redis, _stream, options.MaxOutboxCount, options.MaxOutboxSize, Connection.NotSaid, Connection.NotDelivered);
        _follower = new StreamFollower(_outbox, Receive);
        _sessions = new SessionStore(redis, options.SessionKeyPrefix, Reader);
    }

    /// <inheritdoc/>
    public override Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        if (options.IsLocal)
        {
            Deliver(packet, options);
            return Task.CompletedTask;
        }

        var message = new BroadcastMessage(packet, Distinct(options));
        if (IsRecovering)
            return AddAsync(message, id => Deliver(id is null || options.IsVolatile ? packet : packet.WithOffset(id), options), isKept: !options.IsVolatile);

        Deliver(packet, options);
        return AddAsync(message, deliver: null, isKept: !options.IsVolatile);
    }

    private protected override async Task BeginAsync(RedisSubscriber receiver, CancellationToken cancellationToken)
    {
        _redis.Follow(_stream, _options.ReadCount, _options.BlockTime, _follower);
        _running = _outbox.RunAsync(_stopping.Token);
        await _outbox.WaitUntilWholeAsync(cancellationToken).ConfigureAwait(false);
    }

    private protected override async Task EndAsync()
    {
        await _outbox.FlushAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _outbox.End();
        await _sessions.FlushAsync().ConfigureAwait(false);
        await _redis.UnfollowAsync(_stream, _follower).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private protected override async Task<bool> TrySayAsync(ClusterMessage message, IBroadcastAckReceiver? acks = null)
    {
        // What is of no use any more when nobody waits for it is not kept.
        if (message.RequestId is not null || message.Type == ClusterMessageType.ServerSideEmit)
            return await Connection.TryPublishAsync(Everybody, ClusterBody.WriteMessagePack(message, Uid, Namespace.Name), acks).ConfigureAwait(false);

        await AddAsync(message, deliver: null, isKept: true).ConfigureAwait(false);
        return true;
    }

    private protected override Task<bool> TryAnswerAsync(string uid, ClusterMessage message)
        => Connection.TryPublishAsync(ChannelOf(uid), ClusterBody.WriteMessagePack(message, Uid, Namespace.Name));

    private Task AddAsync(ClusterMessage message, Action<string?>? deliver, bool isKept)
    {
        var fields = StreamEntryBody.Write(message, Uid, Namespace.Name);
        RedisArgument[] arguments = [_stream, "MAXLEN", "~", _options.MaxStreamLength, "*", .. fields];
        return _outbox.AddAsync(new RedisCommand("XADD", arguments), arguments.Sum(static argument => argument.Bytes.Length), deliver, isKept);
    }

    // On the thread that reads the stream: what it is about is read when it is delivered.
    private void Receive(RedisStreamEntry entry)
    {
        if (!StreamEntryBody.TryRead(entry, out var body) || body.Namespace != Namespace.Name)
            _outbox.Receive(entry.Id, isOwn: false, take: null);
        else if (body.Uid == Uid)
            _outbox.Receive(entry.Id, isOwn: true, take: null);
        else
            _outbox.Receive(entry.Id, isOwn: false, () => Take(entry.Id, body));
    }

    private void Take(string id, StreamEntryBody entry)
    {
        try
        {
            var body = entry.ReadData(Reader);
            if (Take(entry.MessageType, entry.Uid, body, body.Root, IsRecovering ? id : null))
                Connection.Metrics.Received();
        }
        catch (JsonException)
        {
            Connection.Metrics.Ignored("malformed");
        }
    }
}
