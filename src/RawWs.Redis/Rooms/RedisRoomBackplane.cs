using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.Rooms;

namespace RawWs.Redis;

/// <summary>
/// Shares the rooms of a server with those of other nodes, through Redis. A broadcast is delivered on its own node whether or not Redis is there; what other nodes are to have waits for it, up to
/// a limit. What is lost on the way is told: <see cref="RoomDirectory.MessagesLost"/>. docs/scale-out.md says what can be.
/// </summary>
/// <remarks>
/// For one server. Members and histories are each node's own; a history has what came from other nodes, too, and a room that <see cref="RoomOptions.SharesPresence"/> has the members of all nodes in its
/// <see cref="Room.Presence"/>: those of a node that fell silent until it is taken for dead (<see cref="RedisBackplaneOptions.HeartbeatInterval"/>), and of one that comes back again.
/// </remarks>
/// <example><code>
/// var options = new WebSocketServerOptions { RoomBackplane = new RedisRoomBackplane(RedisOptions.Parse("localhost:6379")) };
/// </code></example>
public sealed class RedisRoomBackplane : IRoomBackplane
{
    /// <summary>Members that can be asked for at once.</summary>
    internal const int MaxFetchCount = 100_000;

    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(1);

    private readonly NodeId _self = NodeId.New();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisBackplaneOptions _options;
    private readonly IRedisClient _redis;
    private readonly bool _ownsClient;
    private readonly ILogger _logger;
    private readonly BackplaneMetrics _metrics;
    private readonly Outbox _outbox;
    private readonly OutboxSender _sender;
    private readonly LogPace _fullPace;
    private readonly LogPace _tooLargePace;
    private readonly NodeChannel _presenceChannel;
    private readonly PresenceSender _presence;
    private readonly PresenceMirror _mirror;
    private readonly Lazy<Task> _ending;
    private IRedisSubscription? _subscription;
    private StreamTail? _stream;
    private NodeTalk? _talk;
    private IRedisSubscription? _talkSubscription;
    private PresenceTalk? _presenceTalk;
    private IRedisSubscription? _presenceSubscription;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes one with a client of its own.</summary>
    /// <param name="redis">Where Redis is.</param>
    /// <param name="options">How rooms are shared; null for the defaults. Read now.</param>
    public RedisRoomBackplane(RedisOptions redis, RedisBackplaneOptions? options = null)
        : this((redis ?? throw new ArgumentNullException(nameof(redis))).CreateClient(), options) => _ownsClient = true;

    /// <summary>Makes one with a client that others use too, and which outlives it.</summary>
    /// <inheritdoc cref="RedisRoomBackplane(RedisOptions, RedisBackplaneOptions?)"/>
    public RedisRoomBackplane(IRedisClient redis, RedisBackplaneOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        (_redis, _options) = (redis, (options ?? new RedisBackplaneOptions()).Clone());
        _logger = _options.LoggerFactory.CreateLogger("RawWs.Redis");
        _ending = new Lazy<Task>(EndAsync);
        (_fullPace, _tooLargePace) = (new LogPace(_options.TimeProvider), new LogPace(_options.TimeProvider));
        _outbox = new Outbox(_self, _options.MaxOutboxCount, _options.MaxOutboxSize);
        _mirror = new PresenceMirror(_options.MaxPresenceCount);
        _metrics = new BackplaneMetrics(() => _outbox.Count, () => _mirror.Count);
        _presenceChannel = new NodeChannel(redis, ChannelOf("presence"), _metrics);
        _presence = new PresenceSender(_self, _presenceChannel, _options);
        _sender = HasStream
            ? new OutboxSender(_outbox, redis, Addition, Publication([]), _options.TimeProvider, _metrics, _logger)
            : new OutboxSender(_outbox, redis, Publication, null, _options.TimeProvider, _metrics, _logger);
    }

    /// <summary>What other nodes call this one, such as in <see cref="RoomMember.Node"/>: 32 hexadecimal digits, at random. A node that starts again is another one.</summary>
    public string Node => $"{_self}";

    /// <summary>Whether other nodes are heard at this moment, and hear this one.</summary>
    public bool IsConnected => _redis.IsConnected && _subscription is { IsConfirmed: true } && _stream is null or { HasBegun: true };

    /// <summary>How many nodes live at this moment, as far as this one knows, itself included. A node that has just started, or is not connected, knows of fewer.</summary>
    public int NodeCount => 1 + (_talk?.Others.Length ?? 0);

    /// <summary>Whether the server has started it, which it does a moment after it has started itself.</summary>
    internal bool HasStarted => Volatile.Read(ref _subscription) is not null;

    /// <summary>How many broadcasts wait for Redis, or for its answer.</summary>
    internal int WaitingCount => _outbox.Count;

    // In curly brackets, so that in a cluster the channel and the stream are on the same shard.
    private string Key => $"{{{_options.Name}}}:rooms";

    private bool HasStream => _options.Mode == RedisBackplaneMode.Streams;

    private RedisChannel Channel => new(HasStream ? $"{Key}:added" : Key, ChannelKind);

    // As far as this backplane needs it: what its client has connections to besides may be away, such as another master of a cluster.
    private bool IsRedisThere => _redis.IsConnected || _subscription is { IsConfirmed: true };

    private bool AreNodesHeard => IsConnected && _talkSubscription is { IsConfirmed: true } && _presenceSubscription is { IsConfirmed: true };

    private RedisChannelKind ChannelKind => _options.Mode == RedisBackplaneMode.Sharded ? RedisChannelKind.Shard : RedisChannelKind.Channel;

    /// <inheritdoc/>
    /// <remarks>Returns at once: it is connected in the background.</remarks>
    public ValueTask StartAsync(IRoomReceiver receiver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        cancellationToken.ThrowIfCancellationRequested();
        var inbox = new Inbox(_self, receiver, _metrics);
        var nodes = new NodeChannel(_redis, ChannelOf("nodes"), _metrics);
        _talk = new NodeTalk(_self, nodes, receiver, _options, _metrics);
        _talkSubscription = _redis.Subscribe(nodes.Channel, _talk);
        _presenceTalk = new PresenceTalk(_self, _presenceChannel, _presence, _mirror, receiver, _options, _metrics, _logger);
        _presenceSubscription = _redis.Subscribe(_presenceChannel.Channel, _presenceTalk);
        Task[] talking = [RunAsync(_talk.RunAsync), RunAsync(_presence.RunAsync), RunAsync(_presenceTalk.RunAsync)];
        if (HasStream)
        {
            _stream = new StreamTail(_redis, Key, inbox, _options, _metrics, _logger);
            _subscription = _redis.Subscribe(Channel, _stream);
            _running = Task.WhenAll([.. talking, RunAsync(_sender.RunAsync), RunAsync(_stream.RunAsync)]);
        }
        else
        {
            _subscription = _redis.Subscribe(Channel, new ChannelTail(inbox));
            _running = Task.WhenAll([.. talking, RunAsync(_sender.RunAsync)]);
        }

        // A server may stop while it starts: what had been subscribed to behind that would stay for as long as the client.
        Interlocked.MemoryBarrier();
        return _stopping.IsCancellationRequested ? UnsubscribeAsync() : default;
    }

    /// <summary>
    /// Counts the members of a room on all nodes. Those that live are asked, and waited for up to <see cref="RedisBackplaneOptions.CountTimeout"/>; who is on a node that does not answer is missing, which
    /// the result says.
    /// </summary>
    /// <param name="room">The name of the room; null: all connections.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">The server has not started.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<MemberCount> CountMembersAsync(string? room, CancellationToken cancellationToken = default)
    {
        var talk = _talk ?? throw new InvalidOperationException("Members can be counted when the server has started.");
        return await talk.CountAsync(room, AreNodesHeard, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks who is in a room on all nodes, whether or not it <see cref="RoomOptions.SharesPresence"/>. Nodes that live are waited for up to <see cref="RedisBackplaneOptions.CountTimeout"/>; who is on a node
    /// that does not answer is missing, which the result says. Answers come in messages of about 64 KiB; of an info of more than 4 KiB nothing is sent.
    /// </summary>
    /// <param name="room">The name of the room.</param>
    /// <param name="maxCount">How many members to name at most, of 1 to 100,000; the result says how many there are.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The room has no name, or one of more than 4 KiB, or with half a surrogate in it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The server has not started.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<MemberList> FetchMembersAsync(string room, int maxCount = 1_000, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCount, MaxFetchCount);
        var (talk, presence) = (_talk, _presenceTalk);
        if (talk is null || presence is null)
            throw new InvalidOperationException("Members can be asked for when the server has started.");

        return await presence.FetchAsync(room, maxCount, AreNodesHeard, talk.Others, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Publish(RoomPublication publication)
    {
        ArgumentNullException.ThrowIfNull(publication);
        var written = Envelope.Write(_self, publication);
        if (written.Length > _options.MaxPublicationSize)
        {
            _outbox.Skip();
            _metrics.Dropped("size");
            if (_tooLargePace.TrySay(out var count))
                RedisLog.PublicationTooLarge(_logger, written.Length, _options.MaxPublicationSize, count);
        }
        else if (!_outbox.TryAdd(written))
        {
            _metrics.Dropped("full");
            if (_fullPace.TrySay(out var count))
                RedisLog.OutboxFull(_logger, count);
        }

        _sender.Wake();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name of the room has more than 4 KiB, or half a surrogate in it.</exception>
    public void PublishPresence(string room, RoomMember member, bool hasJoined) => _presence.Tell(room, member, hasJoined);

    /// <inheritdoc/>
    public IReadOnlyList<RoomMember> ReadPresence(string room) => _mirror.Read(room);

    /// <inheritdoc/>
    /// <remarks>What waits is sent first, if Redis is there, within a second. Whoever disposes it again waits until that is over, too: behind it the client may be disposed.</remarks>
    public ValueTask DisposeAsync() => new(_ending.Value);

    private async Task EndAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using (var flush = new CancellationTokenSource(LongestFlush, _options.TimeProvider))
        {
            while (IsRedisThere && _outbox.Count > 0 && !_running.IsCompleted && !flush.IsCancellationRequested)
                await Task.Delay(TimeSpan.FromMilliseconds(5), _options.TimeProvider, CancellationToken.None).ConfigureAwait(false);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        if (_talk is not null && _presenceTalk is not null && IsRedisThere)
            await Task.WhenAll(_talk.SayGoneAsync(), _presenceTalk.SayGoneAsync()).WaitAsync(LongestFlush, _options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        await UnsubscribeAsync().ConfigureAwait(false);
        if (_ownsClient)
            await _redis.DisposeAsync().ConfigureAwait(false);

        _metrics.Dispose();
    }

    private async ValueTask UnsubscribeAsync()
    {
        foreach (var subscription in (IRedisSubscription?[])[_subscription, _talkSubscription, _presenceSubscription])
        {
            if (subscription is not null)
                await subscription.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task RunAsync(Func<CancellationToken, Task> loop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await loop(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // It is disposed.
            }
            catch (Exception error)
            {
                // The top of a loop, which may run somebody else's client: it goes on, but not at once.
                RedisLog.BackplaneFailed(_logger, error);
                await Task.Delay(_options.PollInterval, _options.TimeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private RedisChannel ChannelOf(string talk) => new($"{Key}:{talk}", ChannelKind);

    private RedisCommand Publication(byte[] payload) => new(Channel.PublishCommand, Channel.Name, (ReadOnlyMemory<byte>)payload);

    private RedisCommand Addition(byte[] written) => new("XADD", Key, "MAXLEN", "~", _options.MaxStreamLength, "*", StreamTail.Field, (ReadOnlyMemory<byte>)written);
}
