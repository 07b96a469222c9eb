using System.Threading.Channels;
using RawWs.Testing;

namespace RawWs.Tests.Rooms;

/// <summary>A server in memory whose connections are handed to the test: it lets them join, while their sessions only read. A text that begins with "throw" fails its session.</summary>
internal sealed class RoomServer : IAsyncDisposable
{
    private readonly Channel<WebSocketConnection> _opened;
    private readonly TestServer _server;

    private RoomServer(TestServer server, Channel<WebSocketConnection> opened) => (_server, _opened) = (server, opened);

    public WebSocketServer Server => _server.Server;

    public RoomDirectory Rooms => _server.Server.Rooms;

    public ManualTimeProvider Time => _server.Time;

    public RecordingLoggerFactory Log => _server.Log;

    public static async Task<RoomServer> StartAsync(Action<WebSocketServerOptions>? configure = null)
    {
        var opened = Channel.CreateUnbounded<WebSocketConnection>();
        var server = await TestServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                await opened.Writer.WriteAsync(connection, CancellationToken.None);
                await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                {
                    if (message.GetText().StartsWith("throw", StringComparison.Ordinal))
                        throw new InvalidOperationException("The session fails.");
                }
            },
            options =>
            {
                // Nobody goes because of the time, unless a test says so.
                options.KeepAliveInterval = options.KeepAliveTimeout = options.IdleTimeout = options.WriteTimeout = Timeout.InfiniteTimeSpan;
                configure?.Invoke(options);
            });
        return new RoomServer(server, opened);
    }

    /// <summary>Opens a connection. One at a time.</summary>
    /// <param name="capacity">How many bytes the network takes while the client does not read. With 1, it stands still after a message.</param>
    public async Task<Peer> OpenAsync(int capacity = 64 * 1024)
    {
        var client = await _server.OpenAsync(capacity);
        return new Peer(client, await _opened.Reader.ReadAsync());
    }

    /// <summary>Opens connections.</summary>
    public async Task<Peer[]> OpenManyAsync(int count, int capacity = 64 * 1024)
    {
        var peers = new Peer[count];
        for (var i = 0; i < count; i++)
            peers[i] = await OpenAsync(capacity);

        return peers;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
