using System.Net;
using RawWs.Transport;

namespace RawWs.Testing;

/// <summary>A server on a free port of the loopback interface, on the system's clock, with everything that it logs kept.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    /// <summary>For <see cref="EventLoopTransportOptions.StallTimeout"/>: a machine that is busy keeps a loop from its work too, and then it is logged that a session does.</summary>
    public static readonly TimeSpan NeverStalls = TimeSpan.FromDays(1);

    /// <summary>For <see cref="WebSocketServerOptions.KeepAliveInterval"/>: what the server has written and not sent would leave with the next ping of its own, and whoever waits long enough would see nothing of that.</summary>
    public static readonly TimeSpan NeverPings = TimeSpan.FromDays(1);

    private readonly WebSocketServer _server;

    private LoopbackServer(WebSocketServer server, RecordingLoggerFactory log) => (_server, Log) = (server, log);

    /// <summary>What the server has logged.</summary>
    public RecordingLoggerFactory Log { get; }

    /// <summary>The server.</summary>
    public WebSocketServer Server => _server;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_server.EndPoints[0];

    /// <summary>The address for clients that want one.</summary>
    public Uri Uri => new($"ws://{EndPoint}/echo");

    /// <summary>Starts a server whose every path is served by <paramref name="session"/>.</summary>
    /// <param name="session">The session; echoes if there is none.</param>
    /// <param name="configure">Changes its options.</param>
    /// <param name="map">Maps more, before the start.</param>
    public static async Task<LoopbackServer> StartAsync(
        Func<WebSocketConnection, CancellationToken, Task>? session = null, Action<WebSocketServerOptions>? configure = null, Action<WebSocketServer>? map = null)
    {
        var log = new RecordingLoggerFactory();
        var options = new WebSocketServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            LoggerFactory = log,
            KeepAliveInterval = NeverPings,
            Transport = EventLoopTransport.IsSupported ? new EventLoopTransport(new() { StallTimeout = NeverStalls }) : null,
        };
        configure?.Invoke(options);

        var server = new WebSocketServer(options);
        server.Map("*", session ?? TestServer.EchoAsync);
        map?.Invoke(server);
        await server.StartAsync().ConfigureAwait(false);
        return new LoopbackServer(server, log);
    }

    /// <summary>A new connection, before its handshake.</summary>
    /// <param name="receiveBufferSize">What the kernel keeps for a client that does not read; 0 for its default.</param>
    public Task<WireClient> ConnectAsync(int receiveBufferSize = 0) => WireClient.ConnectAsync(EndPoint, receiveBufferSize);

    /// <summary>A new connection, after its handshake.</summary>
    /// <inheritdoc cref="ConnectAsync" path="/param"/>
    public async Task<WireClient> OpenAsync(int receiveBufferSize = 0)
    {
        var client = await ConnectAsync(receiveBufferSize).ConfigureAwait(false);
        await client.OpenAsync().ConfigureAwait(false);
        return client;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource();
        await deadline.CancelAsync().ConfigureAwait(false);
        await _server.StopAsync(deadline.Token).ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
    }
}
