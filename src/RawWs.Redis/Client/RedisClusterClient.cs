using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis;

/// <summary>
/// A client of a Redis Cluster: a <see cref="RedisClient"/> for each master. Commands and sharded channels go where their slot is, which servers tell (<c>CLUSTER SLOTS</c>), and tell again
/// whenever one of them says that it is elsewhere (<c>MOVED</c>), is lost, or takes a subscription away. Channels and patterns are heard on every server; here they are said and heard on the one that has the slot of
/// their name, so that they need no other. Replicas are not asked.
/// </summary>
/// <remarks>
/// <para>
/// Thread-safe. Commands are executed in the order in which they are given if they are about one key, but for those that are under way when its slot moves. The first argument is taken for the key, but where it is
/// known to be another one; commands about keys of several slots, and transactions, are not for it, and what is about no key (<c>SCAN</c>, <c>FLUSHALL</c>) is about one master, the same while it is one.
/// </para>
/// <para>What no server can take now fails at once, as with <see cref="RedisClient"/>: also while a slot is nobody's (<c>CLUSTERDOWN</c>), or keys are on their way (<c>TRYAGAIN</c>).</para>
/// </remarks>
/// <example><code>
/// await using var redis = new RedisClusterClient(RedisOptions.Parse("host1:6379,host2:6379"));
/// await redis.WaitForConnectionAsync();
/// await redis.SetAsync("greeting", "hello"u8.ToArray());
/// </code></example>
public sealed class RedisClusterClient : IOrderedRedisClient
{
    // As in other clients: whoever is sent on more often than this is sent in a circle.
    private const int MaxRedirectionCount = 5;

    private static readonly RedisCommand Asking = new("ASKING");

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<ClusterSubscription> _subscriptions = [];

    // Something is elsewhere, or may be.
    private readonly Wakeup _stale = new();
    private readonly RedisOptions _options;
    private readonly RedisMetrics _metrics = new();
    private readonly ILogger _logger;
    private readonly ClusterServers _servers;
    private readonly ClusterDiscovery _discovery;
    private readonly StreamTable _streams;
    private readonly Task _running;
    private bool _isDisposed;

    /// <summary>Makes a client, which begins to connect.</summary>
    /// <param name="options">
    /// Read now; later changes have no effect. <see cref="RedisOptions.ClusterEndPoints"/> names servers of the cluster, or <see cref="RedisOptions.Host"/> one. Everything else is for each server: user, password
    /// and TLS are the same for all, and every limit is each one's.
    /// </param>
    /// <exception cref="ArgumentException">The options name a database other than 0, which is the only one of a cluster.</exception>
    public RedisClusterClient(RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Database != 0)
            throw new ArgumentException("A Redis Cluster has no other database than 0.", nameof(options));

        _options = options.Clone();
        _logger = options.LoggerFactory.CreateLogger("RawWs.Redis");
        _servers = new ClusterServers(_options, _stale.Set);
        _streams = new StreamTable((key, readCount, blockTime) => new StreamLink(new ClusterStreamSource(this, key), _options, _metrics, _logger, new ReplicaNotice(), readCount, blockTime));
        _discovery = new ClusterDiscovery(_options, _servers, _stale, IsWhole, PlaceAll, _logger);
        _running = Task.Run(() => _discovery.RunAsync(_stopping.Token));
    }

    /// <summary>Whether every slot has a master, and all connections to masters are there that are needed so far.</summary>
    public bool IsConnected => _servers.AreConnected && _streams.AreConnected;

    /// <summary>Why one of the servers is not connected; null: all are, or nothing has gone wrong yet.</summary>
    public Exception? LastFailure => _servers.LastFailure;

    /// <summary>How many servers there is a client for.</summary>
    internal int ServerCount => _servers.Clients.Count;

    /// <summary>How many servers have left that something is under way to.</summary>
    internal int RetiringCount => _servers.RetiringCount;

    RedisOptions IOrderedRedisClient.Options => _options;

    /// <summary>Waits until slots are known, and commands can be sent to all masters.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async ValueTask WaitForConnectionAsync(CancellationToken cancellationToken = default)
    {
        await _discovery.Learnt.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            // One that leaves the cluster meanwhile is waited for no longer, and who comes is.
            var waiting = Array.Find([.. _servers.Masters], master => !ClientOf(master).CanSend);
            if (waiting is null)
                return;

            await ((Task)ClientOf(waiting).WaitForConnectionAsync(cancellationToken).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The command holds up others, as with <see cref="RedisClient"/>.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (ClusterKey.IsCountOfAll(command))
            return await CountOnAllAsync(command, cancellationToken).ConfigureAwait(false);

        var (server, isAsk) = (OwnerOf(command), false);
        for (var redirectionCount = 0; ; redirectionCount++)
        {
            try
            {
                return isAsk
                    ? await AskAsync(ClientOf(server), command, cancellationToken).ConfigureAwait(false)
                    : await ClientOf(server).ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisErrorException error) when (redirectionCount < MaxRedirectionCount && ClusterRedirection.Read(error, server) is { } redirection)
            {
                // It is asked again, where it has been sent to.
                Take(redirection);
                (isAsk, server) = (redirection.IsAsk, redirection.Server);
            }
            catch (Exception error) when (IsStale(error))
            {
                _stale.Set();
                throw;
            }
            catch (ObjectDisposedException error) when (!_isDisposed)
            {
                throw NotInCluster(server, error);
            }

            await WaitForAsync(server, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="ArgumentException">The channel has no name.</exception>
    public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel.Name);
        ArgumentNullException.ThrowIfNull(subscriber);
        var slot = HashSlot.Of(Encoding.UTF8.GetBytes(channel.Name));
        var subscription = new ClusterSubscription(channel, slot, subscriber, _stale.Set, ReportFailure, Remove);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _subscriptions.Add(subscription);
        }

        Place(subscription);
        return subscription;
    }

    IRedisPipeline IOrderedRedisClient.BeginPipeline(string key)
    {
        var server = OwnerOf(HashSlot.Of(Encoding.UTF8.GetBytes(key)), orAny: false);
        return new Pipeline(this, Begin(server, () => ClientOf(server).BeginPipeline()), server);
    }

    Task<RespValue>[] IOrderedRedisClient.ExecuteTogether(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken)
    {
        var server = OwnerOf(commands[0]);
        var answers = Begin(server, () => ClientOf(server).ExecuteTogether(commands, cancellationToken));
        return Array.ConvertAll(answers, answer => ConfirmAsync(answer, server));
    }

    void IOrderedRedisClient.Follow(string key, int readCount, TimeSpan blockTime, IStreamFollower follower) => _streams.Follow(key, readCount, blockTime, follower);

    ValueTask IOrderedRedisClient.UnfollowAsync(string key, IStreamFollower follower) => _streams.UnfollowAsync(key, follower);

    /// <summary>Ends all connections; whoever waits is told so.</summary>
    public async ValueTask DisposeAsync()
    {
        ClusterSubscription[] subscriptions;
        lock (_gate)
        {
            if (_isDisposed)
                return;

            _isDisposed = true;
            subscriptions = [.. _subscriptions];
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        foreach (var subscription in subscriptions)
            await subscription.DisposeAsync().ConfigureAwait(false);

        await _streams.DisposeAsync().ConfigureAwait(false);
        await _servers.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    /// <summary>A server has said that something is elsewhere.</summary>
    internal void Take(ClusterRedirection redirection)
    {
        _metrics.Redirected(redirection.IsAsk);
        _servers.Take(redirection);

        // What is on its way has not arrived: nothing has changed yet.
        if (!redirection.IsAsk)
            _stale.Set();
    }

    /// <summary>Options for the server that has a key; for any, if nobody is known to have it.</summary>
    internal RedisOptions OptionsFor(string key)
    {
        var server = _servers.Find(HashSlot.Of(Encoding.UTF8.GetBytes(key)), orAny: true) ?? (_servers.Clients is [var any, ..] ? any.Server : new DnsEndPoint(_options.Host, _options.Port));
        return _options.For(server);
    }

    private static bool IsStale(Exception error) => error is RedisUnavailableException or RedisErrorException { IsPassing: true };

    private static RedisUnavailableException NotInCluster(DnsEndPoint server, Exception error) => new($"The server {server.Host}:{server.Port} is not of the Redis Cluster any more.", error);

    // A key that is on its way from one server to another one is given out there only to those who say that they were sent.
    private static async Task<RespValue> AskAsync(RedisClient client, RedisCommand command, CancellationToken cancellationToken)
    {
        var answers = client.ExecuteTogether([Asking, command], cancellationToken);
        await ((Task)answers[0]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await answers[1].ConfigureAwait(false);
    }

    private T Begin<T>(DnsEndPoint server, Func<T> begin)
    {
        try
        {
            return begin();
        }
        catch (RedisUnavailableException)
        {
            _stale.Set();
            throw;
        }
        catch (ObjectDisposedException error) when (!_isDisposed)
        {
            throw NotInCluster(server, error);
        }
    }

    private async Task<RespValue> ConfirmAsync(Task<RespValue> answer, DnsEndPoint server)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (RedisErrorException error) when (ClusterRedirection.Read(error, server) is { } redirection)
        {
            // Who wants an order does not follow the key: others may be on their way there already.
            Take(redirection);
            throw new RedisErrorException($"TRYAGAIN The key has gone to another server of the cluster. ({error.Message})");
        }
        catch (Exception error) when (IsStale(error))
        {
            _stale.Set();
            throw;
        }
    }

    private async Task WaitForAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await ClientOf(server).WaitForConnectionAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RedisUnavailableException($"There is no connection to {server.Host}:{server.Port}, which the Redis Cluster has named.") { IsUnsent = true };
        }
        catch (ObjectDisposedException error) when (!_isDisposed)
        {
            throw NotInCluster(server, error);
        }
    }

    // Each server counts the subscriptions of its own connections.
    private async Task<RespValue> CountOnAllAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var masters = _servers.Masters;
        if (masters.Count == 0)
            throw new RedisUnavailableException("No server of the Redis Cluster has been reached yet.");

        try
        {
            var replies = await Task.WhenAll(masters.Select(master => ClientOf(master).ExecuteAsync(command, cancellationToken).AsTask())).ConfigureAwait(false);
            return SubscriptionCounts.Sum(replies);
        }
        catch (ObjectDisposedException error) when (!_isDisposed)
        {
            throw new RedisUnavailableException("A server has left the Redis Cluster meanwhile.", error);
        }
    }

    private DnsEndPoint OwnerOf(RedisCommand command)
    {
        int? slot = ClusterKey.Of(command) is { } key ? HashSlot.Of(key.Span) : null;
        return OwnerOf(slot, orAny: slot is null || ClusterKey.IsForAnyServer(command));
    }

    private DnsEndPoint OwnerOf(int? slot, bool orAny)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_servers.Find(slot, orAny) is { } owner)
            return owner;

        _stale.Set();
        var message = _servers.Masters.Count == 0
            ? $"No server of the Redis Cluster has told its slots yet: {LastFailure?.Message ?? "they are being asked."}"
            : $"No server of the Redis Cluster has slot {slot}.";
        throw new RedisUnavailableException(message) { IsUnsent = true };
    }

    private RedisClient ClientOf(DnsEndPoint server) => _servers.ClientOf(server);

    private bool IsWhole()
    {
        lock (_gate)
        {
            return IsConnected && _subscriptions.All(static subscription => subscription.IsPlaced);
        }
    }

    private void PlaceAll()
    {
        ClusterSubscription[] subscriptions;
        lock (_gate)
        {
            subscriptions = [.. _subscriptions];
        }

        foreach (var subscription in subscriptions)
            Place(subscription);
    }

    // Under no lock, for the subscriber may be told. Should the slot move meanwhile, the subscription is refused there, and moved again.
    private void Place(ClusterSubscription subscription)
    {
        var owner = _servers.Find(subscription.Slot, orAny: subscription.Channel.Kind != RedisChannelKind.Shard);
        subscription.MoveTo(owner is null ? null : ClientOf(owner));
    }

    private void Remove(ClusterSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    private void ReportFailure(RedisChannel channel, Exception error)
    {
        _metrics.SubscriberFailed();
        RedisLog.SubscriberFailed(_logger, channel.Name, error);
    }

    private sealed class Pipeline(RedisClusterClient cluster, IRedisPipeline pipeline, DnsEndPoint server) : IRedisPipeline
    {
        public Task<RespValue> ExecuteAsync(RedisCommand command)
            => cluster.ConfirmAsync(cluster.Begin(server, () => pipeline.ExecuteAsync(command)), server);
    }
}
