using RawWs.Redis.SocketIO;
using RawWs.SocketIO;

namespace RawWs.Redis;

/// <summary>
/// Joins the namespaces of several Socket.IO servers through sharded channels of Redis 7 (<c>SPUBLISH</c>, <c>SSUBSCRIBE</c>): those of RawWs with each other, and with those of Node that have
/// <c>createShardedAdapter</c> of <c>@socket.io/redis-adapter</c> 8. What is sent reaches the sockets of this server whether or not Redis is there; what others were to be told meanwhile is lost to them, and counted.
/// </summary>
/// <remarks>A room that has just got its first member here hears other servers when Redis has the subscription to its channel, a moment later.</remarks>
/// <example><code>
/// var redis = new RedisClient(RedisOptions.Parse("localhost:6379"));
/// var io = new SocketIOServer(server, new SocketIOServerOptions { Adapter = nsp => new RedisShardedAdapter(nsp, redis) });
/// </code></example>
public sealed class RedisShardedAdapter : RedisClusterAdapter
{
    // What Node takes for the room of a single socket.
    private const int SocketIdLength = 20;

    private readonly IRedisClient _redis;
    private readonly ShardedSubscriptionMode _mode;
    private RoomSubscriptions? _rooms;

    /// <summary>Makes the adapter of a namespace.</summary>
    /// <param name="nsp">The namespace, whose options say how the time goes and where the log is.</param>
    /// <param name="redis">For all namespaces of one server, and for one server only: Redis tells servers apart by their connections. It outlives the adapter.</param>
    /// <param name="options">How servers talk; null for the defaults. Read now.</param>
    public RedisShardedAdapter(SocketIONamespace nsp, IRedisClient redis, RedisShardedAdapterOptions? options = null)
        : base(nsp, redis, (options ??= new RedisShardedAdapterOptions()).ChannelPrefix, RedisChannelKind.Shard, options.RequestTimeout) => (_redis, _mode) = (redis, options.SubscriptionMode);

    private protected override Task BeginAsync(RedisSubscriber receiver, CancellationToken cancellationToken)
    {
        if (_mode == ShardedSubscriptionMode.Static)
            return Task.CompletedTask;

        _rooms = new RoomSubscriptions(room => _redis.Subscribe(ChannelOf(room), receiver));
        RoomCreated += OnRoomCreated;
        RoomDeleted += OnRoomDeleted;
        return Task.CompletedTask;
    }

    private protected override async Task EndAsync()
    {
        RoomCreated -= OnRoomCreated;
        RoomDeleted -= OnRoomDeleted;
        if (_rooms is not null)
            await _rooms.EndAsync().ConfigureAwait(false);
    }

    private protected override Task<bool> TrySayAsync(ClusterMessage message, IBroadcastAckReceiver? acks = null)
    {
        // A question goes to all servers, for all of them are counted.
        var channel = message is BroadcastMessage { RequestId: null, Options.Rooms: [var room] } && HasChannel(room) ? ChannelOf(room) : Everybody;
        return Connection.TryPublishAsync(channel, ClusterBody.Write(message, Uid, Namespace.Name), acks);
    }

    private protected override Task<bool> TryAnswerAsync(string uid, ClusterMessage message) => Connection.TryPublishAsync(ChannelOf(uid), ClusterBody.Write(message, Uid, Namespace.Name));

    private void OnRoomCreated(string room)
    {
        if (HasChannel(room))
            _rooms!.Add(room); // It is there before rooms are.
    }

    private void OnRoomDeleted(string room) => _rooms!.Remove(room); // As above.

    private bool HasChannel(string room) => _mode switch
    {
        ShardedSubscriptionMode.Dynamic => room.Length != SocketIdLength,
        ShardedSubscriptionMode.DynamicPrivate => true,
        _ => false,
    };
}
