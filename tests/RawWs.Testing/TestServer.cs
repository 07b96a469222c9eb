using System.Net;

namespace RawWs.Testing;

/// <summary>A server in memory, on a clock that stands still, with everything that it logs kept.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly InMemoryTransport _transport;
    private readonly WebSocketServer _server;

    private readonly SemaphoreSlim _sessionsStarted;

    private TestServer(
        WebSocketServer server, InMemoryTransport transport, ManualTimeProvider time, RecordingLoggerFactory log, SemaphoreSlim sessionsStarted)
        => (_server, _transport, Time, Log, _sessionsStarted) = (server, transport, time, log, sessionsStarted);

    /// <summary>The server's clock.</summary>
    public ManualTimeProvider Time { get; }

    /// <summary>What the server has logged.</summary>
    public RecordingLoggerFactory Log { get; }

    /// <summary>The server.</summary>
    public WebSocketServer Server => _server;

    /// <summary>Starts a server whose every path is served by <paramref name="session"/>.</summary>
    /// <param name="session">The session; echoes if there is none.</param>
    /// <param name="configure">Changes its options.</param>
    /// <param name="map">Maps more, before the start.</param>
    public static async Task<TestServer> StartAsync(
        Func<WebSocketConnection, CancellationToken, Task>? session = null, Action<WebSocketServerOptions>? configure = null, Action<WebSocketServer>? map = null)
    {
        var (transport, time, log) = (new InMemoryTransport(), new ManualTimeProvider(), new RecordingLoggerFactory());
        var options = new WebSocketServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Transport = transport,
            TimeProvider = time,
            LoggerFactory = log,
        };
        configure?.Invoke(options);

        var server = new WebSocketServer(options);
        var sessionsStarted = new SemaphoreSlim(0);
        server.Map("*", (connection, cancellationToken) =>
        {
            try
            {
                return (session ?? EchoAsync)(connection, cancellationToken);
            }
            finally
            {
                sessionsStarted.Release();
            }
        });
        map?.Invoke(server);
        await server.StartAsync().ConfigureAwait(false);
        return new TestServer(server, transport, time, log, sessionsStarted);
    }

    /// <summary>Sends every message back.</summary>
    public static async Task EchoAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        await foreach (var message in connection.ReadMessagesAsync(cancellationToken).ConfigureAwait(false))
            await connection.SendAsync(message, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A new connection, before its handshake.</summary>
    /// <param name="capacity">How many bytes the network takes from the server while the client does not read.</param>
    public WireClient Connect(int capacity = 64 * 1024) => _transport.Connect(capacity);

    /// <summary>A new connection, after its handshake; its session has begun, and with it its deadlines.</summary>
    /// <param name="capacity">How many bytes the network takes from the server while the client does not read.</param>
    /// <param name="path">The path.</param>
    public async Task<WireClient> OpenAsync(int capacity = 64 * 1024, string path = "/echo")
    {
        var client = Connect(capacity);
        await client.OpenAsync(path: path).ConfigureAwait(false);
        await _sessionsStarted.WaitAsync().ConfigureAwait(false);
        return client;
    }

    /// <summary>A new connection, after its first answer; its session waits.</summary>
    public async Task<WireClient> OpenAndRestAsync()
    {
        var client = await OpenAsync().ConfigureAwait(false);
        await client.SendAsync(WireFrame.MaskedText("Hello")).ConfigureAwait(false);
        await client.ReadFrameAsync().ConfigureAwait(false);
        await client.WaitUntilServerWaitsAsync().ConfigureAwait(false);
        return client;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource();
        await deadline.CancelAsync().ConfigureAwait(false);
        await _server.StopAsync(deadline.Token).ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        _sessionsStarted.Dispose();
    }
}
