using RawWs.Testing;

namespace RawWs.Redis.Tests.Servers;

/// <summary>A real Redis behind a network that can be cut, and options of clients that find out soon.</summary>
internal sealed class RedisRig : IAsyncDisposable
{
    private RedisRig(RedisServerProcess server) => (Server, Network) = (server, new ToxicProxy(server.EndPoint));

    public RedisServerProcess Server { get; }

    public ToxicProxy Network { get; }

    public RecordingLoggerFactory Log { get; } = new();

    /// <summary>Starts one, or skips the test that wants it.</summary>
    public static async Task<RedisRig> StartAsync(params string[] arguments) => new(await RedisServerProcess.StartAsync(arguments));

    /// <summary>Options for a client that comes back soon. Nothing is late by itself: what has to be found dead gets shorter times.</summary>
    public RedisOptions Options(Action<RedisOptions>? configure = null)
    {
        var options = RedisOptions.Parse(Network.Address);
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50));
        (options.ConnectTimeout, options.CommandTimeout) = (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
        options.LoggerFactory = Log;
        configure?.Invoke(options);
        return options;
    }

    public async Task<RedisClient> ConnectAsync(Action<RedisOptions>? configure = null)
    {
        var client = new RedisClient(Options(configure));
        await client.WaitForConnectionAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        await Server.DisposeAsync();
    }
}
