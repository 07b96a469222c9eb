using System.Threading.Channels;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Connections;

/// <summary>A server whose sessions only read, with its connections at hand and everything counted.</summary>
internal sealed class GatedServer : IAsyncDisposable
{
    private readonly TestServer _server;

    private GatedServer(TestServer server, MetricsProbe metrics, Channel<WebSocketConnection> connections)
        => (_server, Metrics, Connections) = (server, metrics, connections);

    public MetricsProbe Metrics { get; }

    public Channel<WebSocketConnection> Connections { get; }

    public WebSocketServer Server => _server.Server;

    public ManualTimeProvider Time => _server.Time;

    public RecordingLoggerFactory Log => _server.Log;

    public long Published => Metrics["rawws.messages.published"];

    public long Sent => Metrics["rawws.messages transmit"];

    public long Dropped => ((string[])["newest", "oldest", "conflated", "disconnected", "ceiling", "closed", "cancelled"]).Sum(DroppedAs);

    /// <summary>Starts it.</summary>
    /// <param name="configure">Changes its options.</param>
    /// <param name="onEnd">What a session does when there are no more messages.</param>
    public static async Task<GatedServer> StartAsync(Action<WebSocketServerOptions>? configure = null, Action<WebSocketConnection>? onEnd = null)
    {
        var connections = Channel.CreateUnbounded<WebSocketConnection>();
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                // It waits for its first message when the test has it: from then on what the peer sends is taken on the thread of whoever sends it.
                await using var messages = connection.ReadMessagesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
                var isThere = messages.MoveNextAsync();
                connections.Writer.TryWrite(connection);
                while (await isThere)
                    isThere = messages.MoveNextAsync();

                onEnd?.Invoke(connection);
            },
            configure));
        return new GatedServer(server, metrics, connections);
    }

    /// <summary>Messages that wait, and their bytes.</summary>
    public (long Messages, long Bytes) Waiting => (Metrics["rawws.send_queue.messages"], Metrics["rawws.send_queue.size"]);

    public long DroppedAs(string reason) => Metrics[$"rawws.messages.dropped {reason}"];

    /// <summary>A client in memory that reads when the test does.</summary>
    public async Task<(WireClient Client, WebSocketConnection Connection)> OpenAsync(int capacity = 64 * 1024)
    {
        var client = await _server.OpenAsync(capacity);
        return (client, await Connections.Reader.ReadAsync());
    }

    /// <summary>A client in memory, before its handshake.</summary>
    public WireClient Connect(int capacity = 64 * 1024) => _server.Connect(capacity);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Metrics.Dispose();
    }
}
