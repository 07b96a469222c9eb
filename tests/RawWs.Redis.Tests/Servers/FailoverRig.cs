namespace RawWs.Redis.Tests.Servers;

/// <summary>A primary and its replica, and an address that leads to the primary until it is told to lead to the other one, as a virtual address, a name or a proxy does that follows it.</summary>
internal sealed class FailoverRig : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // The ways from one server to the other: they have no port of their own.
    private readonly ToxicProxy _toPrimary;
    private readonly ToxicProxy _toReplica;

    private FailoverRig(RedisRig rig, RedisServerProcess replica)
        => (Rig, Replica, _toPrimary, _toReplica) = (rig, replica, new ToxicProxy(rig.Server.EndPoint), new ToxicProxy(replica.EndPoint));

    /// <summary>The primary, behind the address.</summary>
    public RedisRig Rig { get; }

    public RedisServerProcess Primary => Rig.Server;

    public RedisServerProcess Replica { get; }

    /// <summary>The address.</summary>
    public ToxicProxy Network => Rig.Network;

    /// <summary>Starts both, or skips the test that wants them. The replica has all that the primary has.</summary>
    public static async Task<FailoverRig> StartAsync()
    {
        var failover = new FailoverRig(await RedisRig.StartAsync(), await RedisServerProcess.StartAsync("--repl-diskless-sync-delay", "0"));
        await failover.Primary.ExecuteAsync("CONFIG", "SET", "repl-diskless-sync-delay", 0);

        // What the primary is to call it when it hands over to it.
        await failover.Replica.ExecuteAsync("CONFIG", "SET", "replica-announce-ip", "127.0.0.1");
        await failover.Replica.ExecuteAsync("CONFIG", "SET", "replica-announce-port", failover._toReplica.Port);
        await failover.Replica.ExecuteAsync("REPLICAOF", "127.0.0.1", failover._toPrimary.Port);
        await WaitForAsync(failover.Replica, "master_link_status:up");
        await WaitForAsync(failover.Primary, "state=online");
        return failover;
    }

    /// <summary>Options for a client that comes back soon, and soon notices that its server is not a primary any more.</summary>
    public RedisOptions Options(Action<RedisOptions>? configure = null) => Rig.Options(options =>
    {
        options.KeepAliveInterval = TimeSpan.FromMilliseconds(100);
        configure?.Invoke(options);
    });

    /// <summary>Waits until the replica has all that the primary has now.</summary>
    public async Task WaitForReplicationAsync()
    {
        var wanted = long.Parse(await ReadAsync(Primary, "master_repl_offset"));
        using var deadline = new CancellationTokenSource(LongestWait);
        while (long.Parse(await ReadAsync(Replica, "slave_repl_offset")) < wanted)
            deadline.Token.ThrowIfCancellationRequested();
    }

    /// <summary>The replica gets nothing more: what the primary is told from now on is lost with it.</summary>
    public async Task CutReplicationAsync()
    {
        await WaitForReplicationAsync();
        _toPrimary.Refuse();
        await WaitForAsync(Replica, "master_link_status:down");
    }

    /// <summary>Ends the primary without a word, which ends all connections to it, and the replica becomes the primary. The address leads to where nobody is.</summary>
    public async Task FailOverAsync()
    {
        await Primary.KillAsync();
        await Replica.ExecuteAsync("REPLICAOF", "NO", "ONE");
    }

    /// <summary>
    /// The primary and the replica change their parts, as in good order: nothing is written meanwhile, and the replica has everything. All connections stay open, and the address leads to where it led.
    /// </summary>
    public async Task HandOverAsync()
    {
        Assert.Equal("OK", (await Primary.ExecuteAsync("FAILOVER")).ToText());
        await WaitForAsync(Replica, "role:master");
        await WaitForAsync(Primary, "role:slave");
    }

    /// <summary>The address leads to what was the replica.</summary>
    public void Follow() => Network.LeadTo(Replica.EndPoint);

    public async ValueTask DisposeAsync()
    {
        await Rig.DisposeAsync();
        await _toReplica.DisposeAsync();
        await _toPrimary.DisposeAsync();
        await Replica.DisposeAsync();
    }

    private static async Task WaitForAsync(RedisServerProcess server, string state)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        while (!await SaysAsync())
            deadline.Token.ThrowIfCancellationRequested();

        async Task<bool> SaysAsync() => (await server.ExecuteAsync("INFO", "replication")).ToText()!.Contains(state, StringComparison.Ordinal); // It is text.
    }

    private static async Task<string> ReadAsync(RedisServerProcess server, string name)
    {
        var lines = (await server.ExecuteAsync("INFO", "replication")).ToText()!.Split("\r\n"); // It is text.
        return lines.Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..];
    }
}
