using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>A Socket.IO server in memory, on a clock that stands still.</summary>
internal sealed class SocketIOTestServer : IAsyncDisposable
{
    private readonly TestServer _server;

    private SocketIOTestServer(TestServer server, SocketIOServer io) => (_server, IO) = (server, io);

    public SocketIOServer IO { get; }

    public ManualTimeProvider Time => _server.Time;

    public RecordingLoggerFactory Log => _server.Log;

    public WebSocketServer Server => _server.Server;

    public static async Task<SocketIOTestServer> StartAsync(
        Action<SocketIOServer>? setUp = null, Action<SocketIOServerOptions>? configure = null, Action<WebSocketServerOptions>? configureCore = null)
    {
        SocketIOServer? io = null;
        var options = new SocketIOServerOptions();
        var server = await TestServer.StartAsync(
            configure: core =>
            {
                // Only the clocks of Socket.IO are looked at here.
                core.KeepAliveInterval = core.IdleTimeout = core.HttpIdleTimeout = TimeSpan.FromDays(1);
                (options.TimeProvider, options.LoggerFactory) = (core.TimeProvider, core.LoggerFactory);
                configureCore?.Invoke(core);
            },
            map: core =>
            {
                configure?.Invoke(options);
                io = new SocketIOServer(core, options);
                setUp?.Invoke(io);
            });
        return new SocketIOTestServer(server, io!);
    }

    /// <summary>A client whose requests and frames are said one by one.</summary>
    public EngineClient Connect(string protocol = "4") => new(_server) { Protocol = protocol };

    /// <summary>A client that is connected over a WebSocket, its open packet read.</summary>
    public async Task<EngineClient> OpenWebSocketAsync()
    {
        var client = Connect();
        await client.OpenWebSocketAsync();
        Assert.StartsWith("0{\"sid\":", await client.ReadAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>A client that has begun on polling.</summary>
    public async Task<EngineClient> OpenPollingAsync()
    {
        var client = Connect();
        await client.BeginPollingAsync();
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await IO.CloseAsync();
        await _server.DisposeAsync();
    }
}
