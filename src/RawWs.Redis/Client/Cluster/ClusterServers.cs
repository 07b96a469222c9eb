using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace RawWs.Redis.Client;

/// <summary>The servers of a cluster that there is a client for, and which of them has which slot.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ClusterServers : IAsyncDisposable
{
    // Of those whom redirections name, and who have no slot yet: a master that is being given its first ones, or a few of them.
    private const int MaxNamedCount = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<DnsEndPoint, RedisClient> _clients = [];

    // Whom a redirection has named since slots were learnt the last time: the cluster may know more than the server that told.
    private readonly HashSet<DnsEndPoint> _named = [];

    // For those who have left: what is under way to them is still answered.
    private readonly HashSet<Task> _retiring = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisOptions _options;
    private readonly Action _reportLost;
    private readonly DnsEndPoint[] _seeds;
    private ClusterMap? _map;

    // The master for what is about no key. It stays while it is one, for a cursor means something there only, and servers name masters in different orders.
    private DnsEndPoint? _any;
    private bool _isDisposed;

    /// <param name="options">The client's.</param>
    /// <param name="reportLost">Is told each time that the connection to a server has ended that has not left.</param>
    public ClusterServers(RedisOptions options, Action reportLost)
    {
        (_options, _reportLost) = (options, reportLost);
        _seeds = options.ClusterEndPoints.Count > 0 ? [.. options.ClusterEndPoints] : [new DnsEndPoint(options.Host, options.Port)];
        AddSeeds();
    }

    /// <summary>Whether every slot has a master, and all masters are connected.</summary>
    public bool AreConnected
    {
        get
        {
            lock (_gate)
            {
                return _map is { IsComplete: true } map && map.Masters.All(master => _clients.TryGetValue(master, out var client) && client.IsConnected);
            }
        }
    }

    /// <summary>Why the first of those that are not connected is not; null if nothing is known.</summary>
    public Exception? LastFailure => Clients.Where(static each => !each.Client.IsConnected).Select(static each => each.Client.LastFailure).FirstOrDefault(static failure => failure is not null);

    /// <summary>All for whom there is a client.</summary>
    public IReadOnlyList<(DnsEndPoint Server, RedisClient Client)> Clients
    {
        get
        {
            lock (_gate)
            {
                return [.. _clients.Select(static each => (each.Key, each.Value))];
            }
        }
    }

    /// <summary>How many have left that something is under way to.</summary>
    public int RetiringCount
    {
        get
        {
            lock (_gate)
            {
                return _retiring.Count(static each => !each.IsCompleted);
            }
        }
    }

    /// <summary>All masters; empty until slots are known.</summary>
    public IReadOnlyList<DnsEndPoint> Masters
    {
        get
        {
            lock (_gate)
            {
                return _map is null ? [] : [.. _map.Masters];
            }
        }
    }

    /// <summary>The servers that the application has named are tried again, because of the others none answers.</summary>
    public void AddSeeds()
    {
        lock (_gate)
        {
            foreach (var seed in _seeds)
                Add_NeedsLock(seed);
        }
    }

    /// <summary>The master of a slot.</summary>
    /// <param name="slot">The slot; null for none.</param>
    /// <param name="orAny">Whether any master is as good.</param>
    /// <returns>Null if nobody is known to have it.</returns>
    public DnsEndPoint? Find(int? slot, bool orAny)
    {
        lock (_gate)
        {
            var owner = slot is { } number ? _map?[number] : null;
            return owner ?? (orAny ? _any : null);
        }
    }

    /// <summary>The client for a server, which begins to connect if it is new.</summary>
    /// <exception cref="ObjectDisposedException">The client for the cluster is disposed.</exception>
    /// <exception cref="RedisUnavailableException">There are as many as there may be.</exception>
    public RedisClient ClientOf(DnsEndPoint server)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisClusterClient));
            return _clients.Count < ClusterMap.MaxMasterCount + MaxNamedCount || _clients.ContainsKey(server)
                ? Add_NeedsLock(server)
                : throw new RedisUnavailableException($"The Redis Cluster has named more than {ClusterMap.MaxMasterCount} servers.");
        }
    }

    /// <summary>A server has said who has a slot, or a key of it.</summary>
    public void Take(ClusterRedirection redirection)
    {
        lock (_gate)
        {
            if ((redirection.IsAsk || _map?.TryMove(redirection.Slot, redirection.Server) == true) && _named.Count < MaxNamedCount)
                _named.Add(redirection.Server);
        }
    }

    /// <summary>All slots are known anew.</summary>
    /// <returns>The clients for servers that have none any more, to be given to <see cref="Retire"/> when nobody needs them.</returns>
    public IReadOnlyList<RedisClient> Take(ClusterMap map)
    {
        List<RedisClient> gone = [];
        lock (_gate)
        {
            if (_isDisposed)
                return [];

            _map = map;
            _any = _any is not null && map.Masters.Contains(_any) ? _any : map.Masters[0];
            foreach (var server in _clients.Keys.Except([.. map.Masters, .. _named]).ToArray())
            {
                if (_clients.Remove(server, out var client))
                    gone.Add(client);
            }

            _named.Clear();
            foreach (var master in map.Masters)
                Add_NeedsLock(master);
        }

        return gone;
    }

    /// <summary>Ends the connections of a client when what is under way has been answered, which may take twice <see cref="RedisOptions.CommandTimeout"/>.</summary>
    public void Retire(RedisClient client)
    {
        var retiring = client.RetireAsync(_stopping.Token);
        lock (_gate)
        {
            _retiring.RemoveWhere(static each => each.IsCompleted);
            _retiring.Add(retiring);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        RedisClient[] clients;
        lock (_gate)
        {
            _isDisposed = true;
            clients = [.. _clients.Values];
            _clients.Clear();
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var client in clients)
            await client.DisposeAsync().ConfigureAwait(false);

        // Nobody retires any more: who finds out who has left has been ended before.
        await Task.WhenAll(_retiring).ConfigureAwait(false);
        _stopping.Dispose();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Whoever is in the table is disposed with it.")]
    private RedisClient Add_NeedsLock(DnsEndPoint server)
    {
        if (!_clients.TryGetValue(server, out var client))
            _clients.Add(server, client = new RedisClient(_options.For(server), OnLost));

        return client;
    }

    // One that has left is to end, and nothing follows from it.
    private void OnLost(RedisClient client)
    {
        lock (_gate)
        {
            if (!_clients.ContainsValue(client))
                return;
        }

        _reportLost();
    }
}
