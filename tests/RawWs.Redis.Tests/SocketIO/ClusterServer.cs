using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO;
using RawWs.SocketIO.Tests;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>A Socket.IO server of ours that shares its namespaces through Redis, with a client of its own for it. Its clock stands still: nothing of it is ever late.</summary>
internal sealed class ClusterServer : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private ClusterServer(SocketIOTestServer server, IRedisClient redis) => (Server, Redis) = (server, redis);

    public SocketIOTestServer Server { get; }

    public IRedisClient Redis { get; }

    /// <summary>Its client, if that is of one Redis.</summary>
    public RedisClient Client => (RedisClient)Redis;

    public SocketIOServer IO => Server.IO;

    public SocketIOAdapter Adapter => IO.Of("/").Adapter;

    /// <summary>Starts one, which is heard by others, and hears them.</summary>
    public static async Task<ClusterServer> StartAsync(RedisRig rig, AdapterKind kind, Action<SocketIOServerOptions>? configure = null) => await StartAsync(await rig.ConnectAsync(), kind, configure);

    /// <summary>Starts one with a client that becomes its own.</summary>
    public static async Task<ClusterServer> StartAsync(IRedisClient redis, AdapterKind kind, Action<SocketIOServerOptions>? configure = null)
    {
        var server = await SocketIOTestServer.StartAsync(configure: socketIO =>
        {
            socketIO.Adapter = nsp => kind switch
            {
                AdapterKind.PubSub => new RedisAdapter(nsp, redis),
                AdapterKind.Sharded => new RedisShardedAdapter(nsp, redis),
                _ when redis is RedisClusterClient cluster => new RedisStreamsAdapter(nsp, cluster),
                _ => new RedisStreamsAdapter(nsp, (RedisClient)redis),
            };
            configure?.Invoke(socketIO);
        });
        return await BeginAsync(server, redis);
    }

    /// <summary>Starts one with channels, and options of its own.</summary>
    public static async Task<ClusterServer> StartAsync(RedisRig rig, RedisAdapterOptions? options = null)
    {
        var redis = await rig.ConnectAsync();
        return await BeginAsync(await SocketIOTestServer.StartAsync(configure: socketIO => socketIO.Adapter = nsp => new RedisAdapter(nsp, redis, options)), redis);
    }

    /// <summary>Waits until so many servers are there.</summary>
    public async Task WaitForServersAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await Adapter.CountServersAsync(deadline.Token) != count)
            await Task.Yield();
    }

    /// <summary>Waits until so many servers read the stream: for each a command waits in Redis.</summary>
    public static Task WaitForReadersAsync(RedisRig rig, int count) => WaitForReadersAsync(rig.Server, count);

    /// <inheritdoc cref="WaitForReadersAsync(RedisRig, int)"/>
    public static async Task WaitForReadersAsync(RedisServerProcess server, int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await server.ExecuteAsync("CLIENT", "LIST")).ToText()!.Split('\n').Count(IsWaitingReader) != count) // A list is text.
            deadline.Token.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Redis.DisposeAsync();
    }

    // Until then what it says to a stream is kept, and not waited for.
    private static async Task<ClusterServer> BeginAsync(SocketIOTestServer server, IRedisClient redis)
    {
        Assert.True(await server.IO.Of("/").InitializeAsync().WaitAsync(LongestStart));
        return new ClusterServer(server, redis);
    }

    private static bool IsWaitingReader(string client)
        => client.Split(' ') is var words && Array.IndexOf(words, "cmd=xread") >= 0 && Array.Exists(words, static word => word.StartsWith("flags=", StringComparison.Ordinal) && word.Contains('b', StringComparison.Ordinal));
}
