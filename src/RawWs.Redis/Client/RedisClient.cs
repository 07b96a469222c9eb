using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis;

/// <summary>
/// A client of one Redis server, over two connections: one for commands, and from the first subscription on one for messages; <see cref="RedisStreamsAdapter"/> has one more for each stream that it reads. They
/// are made in the background, and made again whenever they are lost, until the client is disposed. For a Redis Cluster there is
/// <see cref="RedisClusterClient"/>. A replica, as far as it says so, is the wrong server: its connections end, and are made anew until the address leads to a primary.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <example><code>
/// await using var redis = new RedisClient(RedisOptions.Parse("localhost:6379"));
/// await redis.WaitForConnectionAsync();
/// await redis.SetAsync("greeting", "hello"u8.ToArray(), lifetime: TimeSpan.FromMinutes(1));
/// </code></example>
public sealed class RedisClient : IOrderedRedisClient
{
    private readonly Lock _gate = new();
    private readonly RedisOptions _options;
    private readonly RedisMetrics _metrics = new();
    private readonly ReplicaNotice _replicas = new();
    private readonly ILogger _logger;
    private readonly SubscriptionTable _subscriptions;
    private readonly RedisLink _commands;
    private readonly StreamTable _streams;
    private RedisLink? _messages;
    private bool _isDisposed;

    /// <summary>Makes a client, which begins to connect.</summary>
    /// <param name="options">Read now; later changes have no effect.</param>
    /// <exception cref="ArgumentException">They are for a cluster.</exception>
    public RedisClient(RedisOptions options)
        : this(options, reportLost: null)
    {
    }

    /// <inheritdoc cref="RedisClient(RedisOptions)"/>
    /// <param name="options">As above.</param>
    /// <param name="reportLost">Is told each time that the connection for commands has ended; must neither wait nor throw.</param>
    internal RedisClient(RedisOptions options, Action<RedisClient>? reportLost)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ClusterEndPoints.Count > 0)
            throw new ArgumentException($"The options are for a cluster: make a {nameof(RedisClusterClient)}.", nameof(options));

        _options = options.Clone();
        _logger = options.LoggerFactory.CreateLogger("RawWs.Redis");
        _subscriptions = new SubscriptionTable(_options, _metrics, _logger, ErrorOf);
        _streams = new StreamTable((key, readCount, blockTime) => new StreamLink(new FixedStreamSource(_options, key), _options, _metrics, _logger, _replicas, readCount, blockTime));
        _commands = new RedisLink(_options, _metrics, _logger, _replicas, new CommandTenant(_metrics, () => reportLost?.Invoke(this)));
    }

    /// <summary>Whether all connections are there that are needed so far.</summary>
    public bool IsConnected => _commands.Current is not null && Volatile.Read(ref _messages) is null or { Current: not null } && _streams.AreConnected;

    /// <summary>Why a connection was lost or could not be made, the last time that this happened; null: it never has.</summary>
    public Exception? LastFailure => Volatile.Read(ref _messages)?.LastFailure ?? _commands.LastFailure;

    /// <summary>Whether there is a connection for commands.</summary>
    internal bool CanSend => _commands.Current is not null;

    RedisOptions IOrderedRedisClient.Options => _options;

    /// <summary>How many of its connections there are.</summary>
    internal int ConnectionCount => (_commands.Current is null ? 0 : 1) + (Volatile.Read(ref _messages)?.Current is null ? 0 : 1);

    /// <summary>Waits until commands can be sent; returns at once if they can.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async ValueTask WaitForConnectionAsync(CancellationToken cancellationToken = default) => await _commands.WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The command holds up others or changes the connection, which all share: blocking ones, subscriptions, and those that <see cref="ExecuteTransactionAsync"/> and <see cref="RedisOptions"/> are for.
    /// </exception>
    public async ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        CheckIsShareable(command);
        var begun = _options.TimeProvider.GetTimestamp();
        var reply = new AwaitedReply();
        Send(CurrentConnection(), [(command, reply)]);
        return await AnswerAsync(reply, begun, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has commands executed with nothing of anybody else's between: <c>MULTI</c>, the commands, <c>EXEC</c>.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Ends the waiting; whether they are executed all the same is not known.</param>
    /// <returns>The answer to each, of which some may be errors.</returns>
    /// <exception cref="ArgumentException">A command is none that may be part of it.</exception>
    /// <exception cref="RedisErrorException">A command can't be executed whatever the data; none was.</exception>
    /// <exception cref="RedisUnavailableException">As for a single command.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<IReadOnlyList<RespValue>> ExecuteTransactionAsync(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        foreach (var command in commands)
            CheckIsShareable(command);

        var begun = _options.TimeProvider.GetTimestamp();
        var executed = new AwaitedReply();
        Send(CurrentConnection(), [(new RedisCommand("MULTI"), new IgnoredReply()), .. commands.Select(static command => (command, (PendingReply)new IgnoredReply())), (new RedisCommand("EXEC"), executed)]);
        return (await AnswerAsync(executed, begun, cancellationToken).ConfigureAwait(false)).Items;
    }

    IRedisPipeline IOrderedRedisClient.BeginPipeline(string key) => BeginPipeline();

    Task<RespValue>[] IOrderedRedisClient.ExecuteTogether(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken) => ExecuteTogether(commands, cancellationToken);

    /// <inheritdoc cref="IOrderedRedisClient.BeginPipeline"/>
    internal IRedisPipeline BeginPipeline() => new Pipeline(this, CurrentConnection());

    /// <inheritdoc cref="IOrderedRedisClient.ExecuteTogether"/>
    internal Task<RespValue>[] ExecuteTogether(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken)
    {
        var begun = _options.TimeProvider.GetTimestamp();
        var replies = commands.Select(static command => (Command: command, Reply: new AwaitedReply())).ToArray();
        Send(CurrentConnection(), Array.ConvertAll(replies, static each => (each.Command, (PendingReply)each.Reply)));
        return Array.ConvertAll(replies, each => AnswerAsync(each.Reply, begun, cancellationToken));
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="ArgumentException">The channel has no name.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The subscription is its caller's; the link is disposed with the client.")]
    public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel.Name);
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var subscription = _subscriptions.Add(channel, subscriber);
            Volatile.Write(ref _messages, _messages ?? new RedisLink(_options, _metrics, _logger, _replicas, _subscriptions));
            return subscription;
        }
    }

    void IOrderedRedisClient.Follow(string key, int readCount, TimeSpan blockTime, IStreamFollower follower) => _streams.Follow(key, readCount, blockTime, follower);

    ValueTask IOrderedRedisClient.UnfollowAsync(string key, IStreamFollower follower) => _streams.UnfollowAsync(key, follower);

    /// <summary>Ends all connections; whoever waits is told so.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;

            _isDisposed = true;
        }

        _subscriptions.Clear();
        await _streams.DisposeAsync().ConfigureAwait(false);
        await _commands.DisposeAsync().ConfigureAwait(false);
        if (_messages is { } messages)
            await messages.DisposeAsync().ConfigureAwait(false);

        _metrics.Dispose();
    }

    /// <summary>Ends all connections as soon as every command that is under way has been answered, or will not be any more.</summary>
    /// <remarks>
    /// Whoever still uses the client may go on until then, for commands of a pipeline follow one another; but not for ever, should the server take them all the same: after twice
    /// <see cref="RedisOptions.CommandTimeout"/> what was under way at first has had its time.
    /// </remarks>
    internal async Task RetireAsync(CancellationToken cancellationToken)
    {
        if (_commands.Current is { } connection)
        {
            connection.Retire(new IOException("Its server is not of the Redis Cluster any more."));
            await connection.Ended.WaitAsync(2 * _options.CommandTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    private static void CheckIsShareable(RedisCommand command)
    {
        if (command.HoldsUpOthers)
            throw new ArgumentException($"{command.Name} holds up or changes the connection, which all callers share: subscribe with {nameof(Subscribe)}, and read streams without BLOCK.", nameof(command));
    }

    private RedisConnection CurrentConnection()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_commands.Current is { } connection)
            return connection;

        _metrics.CommandEnded("refused");
        throw new RedisUnavailableException($"There is no connection to Redis at {_options.Target}: {_commands.LastFailure?.Message ?? "it is being made."}", _commands.LastFailure) { IsUnsent = true };
    }

    private void Send(RedisConnection connection, ReadOnlySpan<(RedisCommand Command, PendingReply Reply)> commands)
    {
        try
        {
            connection.Send(commands);
        }
        catch (RedisUnavailableException)
        {
            _metrics.CommandEnded("refused");
            throw;
        }
    }

    private async Task<RespValue> AnswerAsync(AwaitedReply reply, long begun, CancellationToken cancellationToken)
    {
        RespValue value;
        try
        {
            value = await reply.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RedisUnavailableException)
        {
            _metrics.CommandEnded("lost");
            throw;
        }

        var isError = value.Type == RespType.Error;
        _metrics.CommandEnded(isError ? "error" : "answered");
        _metrics.CommandAnswered(_options.TimeProvider.GetElapsedTime(begun));
        return isError ? throw ErrorOf(value) : value;
    }

    // Whoever asks one server of a cluster as if it were all is told what would help. The client for the cluster knows what to do.
    private RedisErrorException ErrorOf(RespValue value)
    {
        var message = value.ToText()!; // An error has a text.
        return !_options.IsOfCluster && message.StartsWith("MOVED ", StringComparison.Ordinal)
            ? new RedisErrorException($"{message} (This is one server of a Redis Cluster, and knows its own keys only: name several servers with commas between, or write ?cluster behind one, for a {nameof(RedisClusterClient)}.)")
            : new RedisErrorException(message);
    }

    private sealed class Pipeline(RedisClient client, RedisConnection connection) : IRedisPipeline
    {
        public Task<RespValue> ExecuteAsync(RedisCommand command)
        {
            var begun = client._options.TimeProvider.GetTimestamp();
            var reply = new AwaitedReply();
            client.Send(connection, [(command, reply)]);
            return client.AnswerAsync(reply, begun, CancellationToken.None);
        }
    }
}
