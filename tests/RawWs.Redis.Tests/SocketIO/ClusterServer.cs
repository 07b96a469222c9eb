using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO;
using RawWs.SocketIO.Tests;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>A Socket.IO server of ours that shares its namespaces through Redis, with a client of its own for it. Its clock stands still: nothing of it is ever late.</summary>
internal sealed class ClusterServer : IAsyncDisposable
{
    private ClusterServer(SocketIOTestServer server, RedisClient redis) => (Server, Redis) = (server, redis);

    public SocketIOTestServer Server { get; }

    public RedisClient Redis { get; }

    public SocketIOServer IO => Server.IO;

    public RedisAdapter Adapter => (RedisAdapter)IO.Of("/").Adapter;

    /// <summary>Starts one, which is heard by others, and hears them.</summary>
    public static async Task<ClusterServer> StartAsync(RedisRig rig, RedisAdapterOptions? options = null)
    {
        var redis = await rig.ConnectAsync();
        var server = await SocketIOTestServer.StartAsync(configure: socketIO => socketIO.Adapter = nsp => new RedisAdapter(nsp, redis, options));
        return new ClusterServer(server, redis);
    }

    /// <summary>Waits until so many servers are there.</summary>
    public async Task WaitForServersAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await Adapter.CountServersAsync(deadline.Token) != count)
            await Task.Yield();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
