using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis;

/// <summary>
/// A client of a Redis Cluster: a <see cref="RedisClient"/> for each master. Commands and sharded channels go where their slot is, which is learnt from the servers (<c>CLUSTER SLOTS</c>) and again
/// whenever one of them says that it is elsewhere (<c>MOVED</c>), is lost, or takes a subscription away. Channels and patterns are heard on any server; those of here are on the server that has their slot.
/// </summary>
/// <remarks>Thread-safe. The first argument of a command is taken for its key, but for <c>XREAD</c> and <c>PUBSUB</c>; commands about several keys, and transactions, are not for it.</remarks>
/// <example><code>
/// await using var redis = new RedisClusterClient(RedisOptions.Parse("host1:6379,host2:6379"));
/// </code></example>
public sealed class RedisClusterClient : IRedisClient
{
    // As in other clients: whoever is sent on more often than this is sent in a circle.
    private const int MaxRedirections = 5;

    private static readonly RedisCommand Slots = new("CLUSTER", "SLOTS"), Asking = new("ASKING");

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<DnsEndPoint, RedisClient> _clients = [];
    private readonly List<ClusterSubscription> _subscriptions = [];
    private readonly RedisOptions _options;
    private readonly ILogger _logger;
    private readonly ReconnectDelay _delay;
    private readonly Wakeup _stale = new();
    private readonly Task _running;
    private ClusterMap? _map;
    private readonly TaskCompletionSource _learnt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isDisposed;

    /// <summary>Makes a client, which begins to connect.</summary>
    /// <param name="options">Read now; later changes have no effect. <see cref="RedisOptions.ClusterEndPoints"/> names servers of the cluster.</param>
    /// <exception cref="ArgumentException">The options name no server of a cluster, or a database.</exception>
    public RedisClusterClient(RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ClusterEndPoints.Count == 0)
            throw new ArgumentException($"{nameof(RedisOptions.ClusterEndPoints)} names one server of the cluster at least.", nameof(options));

        if (options.Database != 0)
            throw new ArgumentException("A cluster has no other database than 0.", nameof(options));

        _options = options.Clone();
        _logger = options.LoggerFactory.CreateLogger("RawWs.Redis");
        _delay = new ReconnectDelay(options.MinReconnectDelay, options.MaxReconnectDelay);
        foreach (var seed in _options.ClusterEndPoints)
            ClientOf(seed);

        _running = Task.Run(RunAsync);
    }

    /// <summary>Whether the slots are known, and all masters are connected.</summary>
    public bool IsConnected
    {
        get
        {
            lock (_gate)
            {
                return _map is { Masters.Count: > 0 } map && map.Masters.All(master => _clients.TryGetValue(master, out var client) && client.IsConnected);
            }
        }
    }

    /// <summary>Waits until the slots are known, and all masters are connected.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async ValueTask WaitForConnectionAsync(CancellationToken cancellationToken = default)
    {
        await _learnt.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        RedisClient[] masters;
        lock (_gate)
        {
            masters = [.. _map!.Masters.Select(ClientOf)]; // It has been learnt.
        }

        foreach (var master in masters)
            await master.WaitForConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The command holds up others, as with <see cref="RedisClient"/>.</exception>
    public async ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (ClusterKey.IsCountOfAll(command))
            return await CountOnAllAsync(command, cancellationToken).ConfigureAwait(false);

        var (server, isAsk) = (OwnerOf(command), false);
        for (var redirections = 0; ; redirections++)
        {
            try
            {
                var client = ClientOf(server);
                return isAsk ? await AskAsync(client, command, cancellationToken).ConfigureAwait(false) : await client.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisErrorException error) when (redirections < MaxRedirections && ClusterMap.Redirection(error, server) is { } redirection)
            {
                (isAsk, var slot, server) = redirection;
                if (!isAsk)
                    Move(slot, server);

                using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
                await WaitForAsync(server, timeout, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is RedisUnavailableException or RedisErrorException { IsPassing: true })
            {
                _stale.Set();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="ArgumentException">The channel has no name.</exception>
    public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel.Name);
        ArgumentNullException.ThrowIfNull(subscriber);
        var subscription = new ClusterSubscription(channel, subscriber, _stale.Set, Remove);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _subscriptions.Add(subscription);
        }

        Place(subscription);
        return subscription;
    }

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

        RedisClient[] clients;
        lock (_gate)
        {
            clients = [.. _clients.Values];
        }

        foreach (var client in clients)
            await client.DisposeAsync().ConfigureAwait(false);

        _learnt.TrySetException(new ObjectDisposedException(nameof(RedisClusterClient)));
        _ = _learnt.Task.Exception; // Maybe nobody waits.
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var isWhole = await TryLearnAsync().ConfigureAwait(false) && IsWhole;
                if (isWhole)
                    _delay.Reset();

                // Whatever is missing may be elsewhere a moment later. If nothing is, somebody says when that changes, unless nobody has asked the server that it has happened to.
                if (isWhole)
                    await _stale.WaitAsync(_options.KeepAliveInterval, _options.TimeProvider, _stopping.Token).ConfigureAwait(false);
                else
                    await Task.Delay(_delay.Next(), _options.TimeProvider, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The client is disposed.
        }
    }

    private bool IsWhole
    {
        get
        {
            lock (_gate)
            {
                return IsConnected && _subscriptions.TrueForAll(static subscription => subscription.IsConfirmed);
            }
        }
    }

    /// <summary>Learns the slots from the first server that tells them, and moves what is elsewhere.</summary>
    private async Task<bool> TryLearnAsync()
    {
        KeyValuePair<DnsEndPoint, RedisClient>[] servers;
        lock (_gate)
        {
            servers = [.. _clients];
        }

        foreach (var (server, client) in servers)
        {
            if (!client.CanSend)
                continue;

            try
            {
                var map = ClusterMap.Read(await client.ExecuteAsync(Slots, _stopping.Token).ConfigureAwait(false), server);
                if (map.Masters.Count == 0)
                    continue;

                await TakeAsync(map).ConfigureAwait(false);
                return true;
            }
            catch (RedisErrorException error)
            {
                RedisLog.NoCluster(_logger, $"{server.Host}:{server.Port}", error.Message);
            }
            catch (RedisUnavailableException)
            {
                // Another one may know.
            }
        }

        return false;
    }

    private async Task TakeAsync(ClusterMap map)
    {
        List<RedisClient> gone = [];
        ClusterSubscription[] subscriptions;
        lock (_gate)
        {
            _map = map;
            foreach (var master in map.Masters)
                ClientOf(master);

            subscriptions = [.. _subscriptions];
            foreach (var server in _clients.Keys.Except([.. map.Masters, .. _options.ClusterEndPoints]).ToArray())
            {
                if (_clients.Remove(server, out var client))
                    gone.Add(client);
            }
        }

        _learnt.TrySetResult();
        foreach (var subscription in subscriptions)
            Place(subscription);

        foreach (var client in gone)
            await client.DisposeAsync().ConfigureAwait(false);
    }

    private void Place(ClusterSubscription subscription)
    {
        DnsEndPoint owner;
        RedisClient client;
        lock (_gate)
        {
            if (_isDisposed || _map?[HashSlot.Of(Encoding.UTF8.GetBytes(subscription.Channel.Name))] is not { } found)
                return;

            (owner, client) = (found, ClientOf(found));
        }

        // Under no lock, for the subscriber may be told. Should the map have changed meanwhile, it will be moved again, or refused there.
        subscription.MoveTo(owner, client);
    }

    private void Remove(ClusterSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    private void Move(int slot, DnsEndPoint owner)
    {
        lock (_gate)
        {
            _map = _map?.With(slot, owner);
        }

        _stale.Set();
    }

    private DnsEndPoint OwnerOf(RedisCommand command)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var owner = ClusterKey.Of(command) is { } key ? _map?[HashSlot.Of(key.Span)] : _map is { Masters: [var any, ..] } ? any : null;
            return owner ?? throw new RedisUnavailableException("No server of the Redis Cluster has said where this belongs.");
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Whoever is in the table is disposed with it.")]
    private RedisClient ClientOf(DnsEndPoint server)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_clients.TryGetValue(server, out var client))
                _clients.Add(server, client = new RedisClient(_options.For(server)));

            return client;
        }
    }

    // A key that is on its way from one server to another one is given out there only to those who say that they were sent.
    private static async Task<RespValue> AskAsync(RedisClient client, RedisCommand command, CancellationToken cancellationToken)
    {
        var answers = client.ExecuteTogether([Asking, command], cancellationToken);
        await ((Task)answers[0]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await answers[1].ConfigureAwait(false);
    }

    private async Task WaitForAsync(DnsEndPoint server, CancellationTokenSource timeout, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await ClientOf(server).WaitForConnectionAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RedisUnavailableException($"There is no connection to {server.Host}:{server.Port}, which the Redis Cluster has named.");
        }
    }

    // Each server counts the subscriptions of its own connections.
    private async ValueTask<RespValue> CountOnAllAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        IReadOnlyList<DnsEndPoint> masters;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            masters = _map?.Masters ?? throw new RedisUnavailableException("No server of the Redis Cluster has been reached yet.");
        }

        var replies = await Task.WhenAll(masters.Select(master => ClientOf(master).ExecuteAsync(command, cancellationToken).AsTask())).ConfigureAwait(false);
        var sums = new List<RespValue>(replies[0].Items);
        for (var place = 1; place < sums.Count; place += 2)
            sums[place] = RespValue.FromInteger(replies.Sum(reply => reply.Items[place].ToInteger()));

        return RespValue.FromItems([.. sums]);
    }
}
