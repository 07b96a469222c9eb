using System.Net;
using System.Net.Sockets;
using System.Text;
using RawWs.Redis.Client;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Servers;

/// <summary>A cluster of three masters, the first of which has a replica. Nothing in it happens by itself: who takes over from whom, and when, a test says.</summary>
internal sealed class RedisClusterRig : IAsyncDisposable
{
    private const int MasterCount = 3, ServerCount = MasterCount + 1, SlotCount = 16_384, MaxAttempts = 10;
    // In milliseconds: how soon they hear of each other while they are joined, and when one of them would be taken for dead afterwards.
    private const int JoiningTimeout = 1_000, NodeTimeout = 600_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly List<RedisServerProcess> _servers = [];
    private readonly List<DnsEndPoint> _endPoints = [];
    private readonly List<string> _ids = [];
    private readonly List<int> _busPorts = [];

    private RedisClusterRig()
    {
    }

    /// <summary>The masters, and the replica behind them.</summary>
    public IReadOnlyList<RedisServerProcess> Servers => _servers;

    public IReadOnlyList<DnsEndPoint> EndPoints => _endPoints;

    /// <summary>What the servers call themselves.</summary>
    public IReadOnlyList<string> Ids => _ids;

    public RecordingLoggerFactory Log { get; } = new();

    /// <summary>Two of the servers, as an address.</summary>
    public string Address => string.Join(',', _endPoints.Skip(1).Take(2).Select(static server => $"{server.Host}:{server.Port}"));

    /// <summary>Starts one, or skips the test that wants it.</summary>
    public static async Task<RedisClusterRig> StartAsync()
    {
        var rig = new RedisClusterRig();
        try
        {
            for (var server = 0; server < ServerCount; server++)
                await rig.StartServerAsync();

            await rig.JoinAsync();
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first slots are the first master's, and so on.</summary>
    public static int MasterOf(int slot) => slot / (SlotCount / MasterCount + 1);

    /// <summary>A key, or a channel, of the slots of a master.</summary>
    public static string NameOn(int master)
        => Enumerable.Range(0, int.MaxValue).Select(static number => $"{(char)('a' + number % 26)}{number}").First(name => MasterOf(SlotOf(name)) == master);

    public static int SlotOf(string name) => HashSlot.Of(Encoding.UTF8.GetBytes(name));

    /// <summary>A client that is connected.</summary>
    public async Task<RedisClusterClient> ConnectAsync(Action<RedisOptions>? configure = null)
    {
        var options = Options();
        configure?.Invoke(options);
        var client = new RedisClusterClient(options);
        await client.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        return client;
    }

    /// <summary>Options for a client that comes back soon. Nothing is late by itself.</summary>
    public RedisOptions Options()
    {
        var options = RedisOptions.Parse(Address);
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50));
        (options.ConnectTimeout, options.CommandTimeout) = (LongestWait, LongestWait);
        options.LoggerFactory = Log;
        return options;
    }

    /// <summary>The first master is killed, and its replica, which has all that it had, takes over.</summary>
    /// <param name="meanwhileAsync">What is done between; null for nothing.</param>
    public async Task FailOverAsync(Func<Task>? meanwhileAsync = null)
    {
        await _servers[0].ExecuteAsync("WAIT", 1, 0);

        // The replica takes over what it knows to be its master's. Of slots that have just moved it learns from the others, a little later.
        var slots = SlotsOfFirst(await AnswersAsync(_servers[0], "CLUSTER", "NODES"));
        await WaitUntilAsync([_servers[^1]], static server => AnswersAsync(server, "CLUSTER", "NODES"), nodes => SlotsOfFirst(nodes) == slots);
        await _servers[0].KillAsync();
        if (meanwhileAsync is not null)
            await meanwhileAsync();

        Assert.Equal("OK", (await _servers[^1].ExecuteAsync("CLUSTER", "FAILOVER", "TAKEOVER")).ToText());
        await WaitUntilAsync([_servers[^1]], static server => AnswersAsync(server, "ROLE"), static role => role.Items[0].ToText() == "master");
    }

    /// <summary>A slot begins to move from one master to another: keys that are not there any more, or not yet, are asked for at the other one.</summary>
    public async Task BeginToMoveAsync(int slot, int from, int to)
    {
        Assert.Equal("OK", (await _servers[to].ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", _ids[from])).ToText());
        Assert.Equal("OK", (await _servers[from].ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", _ids[to])).ToText());
    }

    /// <summary>What is in a slot that moves is brought to the other master.</summary>
    public async Task MoveKeysAsync(int slot, int from, int to)
    {
        var keys = (await _servers[from].ExecuteAsync("CLUSTER", "GETKEYSINSLOT", slot, 100)).Items;
        if (keys.Count > 0)
            Assert.Equal("OK", (await _servers[from].ExecuteAsync("MIGRATE", ["127.0.0.1", _endPoints[to].Port, "", 0, 60_000, "KEYS", .. keys.Select(static key => new RedisArgument(key.Bytes))])).ToText());
    }

    /// <summary>A slot is the other master's, and everybody knows.</summary>
    public async Task EndMovingAsync(int slot, int to)
    {
        foreach (var server in _servers.Take(MasterCount).OrderBy(server => server != _servers[to]))
            Assert.Equal("OK", (await server.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", _ids[to])).ToText());
    }

    /// <summary>A slot goes to another master, with all that is in it.</summary>
    public async Task MoveAsync(int slot, int from, int to)
    {
        await BeginToMoveAsync(slot, from, to);
        await MoveKeysAsync(slot, from, to);
        await EndMovingAsync(slot, to);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    // A port that was free may be somebody else's by the time that it is wanted.
    private async Task StartServerAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var (port, busPort) = FreePorts();
            try
            {
                _servers.Add(await RedisServerProcess.StartAsync(
                    "--port", $"{port}", "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", $"{busPort}", "--cluster-node-timeout", $"{JoiningTimeout}",
                    "--cluster-require-full-coverage", "no", "--cluster-replica-no-failover", "yes", "--repl-diskless-sync-delay", "0"));
                _endPoints.Add(new DnsEndPoint("127.0.0.1", port));
                _busPorts.Add(busPort);
                return;
            }
            catch (InvalidOperationException) when (attempt < MaxAttempts)
            {
                // Two others, then.
            }
        }
    }

    private async Task JoinAsync()
    {
        // While they know nobody, which is when it may be done. The replica has the highest: whoever takes over with the same one as the dead is not believed.
        for (var place = 0; place < ServerCount; place++)
        {
            _ids.Add((await _servers[place].ExecuteAsync("CLUSTER", "MYID")).ToText()!); // It has one.
            Assert.Equal("OK", (await _servers[place].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", place + 1)).ToText());
        }

        for (var place = 0; place < ServerCount; place++)
        {
            // Each meets each: by itself, word of somebody would go round in as many seconds as there are servers.
            foreach (var server in _servers)
                await server.ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", _endPoints[place].Port, _busPorts[place]);

            if (place < MasterCount)
            {
                var slots = Enumerable.Range(0, SlotCount).Where(slot => MasterOf(slot) == place).ToArray();
                Assert.Equal("OK", (await _servers[place].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", slots[0], slots[^1])).ToText());
            }
        }

        await WaitUntilAsync(_servers, static server => AnswersAsync(server, "CLUSTER", "INFO"), static info => info.ToText()!.Contains("cluster_known_nodes:4", StringComparison.Ordinal)); // It is text.
        await WaitUntilAsync([_servers[^1]], server => AnswersAsync(server, "CLUSTER", "REPLICATE", _ids[0]), static reply => reply.Type != RespType.Error);
        await WaitUntilAsync(_servers, static server => AnswersAsync(server, "CLUSTER", "NODES"), static nodes => nodes.ToText()!.Contains("slave", StringComparison.Ordinal)); // As above.
        await WaitUntilAsync([_servers[^1]], static server => AnswersAsync(server, "INFO", "replication"), static info => info.ToText()!.Contains("master_link_status:up", StringComparison.Ordinal)); // As above.
        await WaitUntilAsync(_servers, static server => AnswersAsync(server, "CLUSTER", "SLOTS"), static slots => slots.Items.Count == MasterCount);
        await WaitUntilAsync(_servers, static server => AnswersAsync(server, "CLUSTER", "INFO"), static info => info.ToText()!.Contains("cluster_state:ok", StringComparison.Ordinal)); // As above.
        foreach (var server in _servers)
            await server.ExecuteAsync("CONFIG", "SET", "cluster-node-timeout", NodeTimeout);
    }

    // A line for each server: its id, seven other fields, and its slots; those that are on their way stand in brackets.
    private string SlotsOfFirst(RespValue nodes)
        => string.Join(' ', nodes.ToText()!.Split('\n').Single(line => line.StartsWith(_ids[0], StringComparison.Ordinal)).Split(' ').Skip(8).Where(static slot => !slot.StartsWith('['))); // It is text.

    private static Task<RespValue> AnswersAsync(RedisServerProcess server, string name, params RedisArgument[] arguments) => server.ExecuteAsync(name, arguments);

    private static async Task WaitUntilAsync(IEnumerable<RedisServerProcess> servers, Func<RedisServerProcess, Task<RespValue>> askAsync, Func<RespValue, bool> isGood)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        foreach (var server in servers)
        {
            while (!isGood(await askAsync(server)))
                await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
        }
    }

    private static (int Port, int BusPort) FreePorts()
    {
        using TcpListener one = new(IPAddress.Loopback, 0), other = new(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
    }
}
