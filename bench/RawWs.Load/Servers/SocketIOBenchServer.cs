using System.Net;
using RawWs.Redis;
using RawWs.SocketIO;
using RawWs.Transport;

namespace RawWs.Load;

/// <summary>A Socket.IO server of the library in a process of its own, with the two events that all such servers here have: <c>echo</c> and <c>publish</c>.</summary>
internal static class SocketIOBenchServer
{
    /// <summary>The path of all such servers, and what a client on a WebSocket says there.</summary>
    public const string Path = "/socket.io/?EIO=4&transport=websocket";

    // Longer than any run: no heartbeat comes between, here or there.
    private static readonly TimeSpan PingInterval = TimeSpan.FromMinutes(5);

    /// <summary>How this program is started as such a server.</summary>
    /// <param name="transport">sockets or eventloop.</param>
    public static ServerStart StartOf(string transport)
        => ServerStart.OfDotNet(typeof(SocketIOBenchServer).Assembly.Location, "serve-socketio", "--port", ServerStart.PortPlace, "--transport", transport);

    /// <summary>Serves until it is stopped.</summary>
    /// <param name="port">Where.</param>
    /// <param name="usesEventLoops">Whether connections come through event loops.</param>
    /// <param name="redis">Where the Redis of a cluster is, as HOST:PORT; null for a server that is alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task RunAsync(int port, bool usesEventLoops, string? redis, CancellationToken cancellationToken)
    {
        await using var client = redis is null ? null : new RedisClient(RedisOptions.Parse(redis));
        await using var server = new WebSocketServer(new WebSocketServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            Transport = usesEventLoops ? new EventLoopTransport() : new SocketTransport(),
        });
        var io = new SocketIOServer(server, new SocketIOServerOptions
        {
            PingInterval = PingInterval,
            Adapter = client is null ? null : nsp => new RedisAdapter(nsp, client),
        });
        io.OnConnection(socket =>
        {
            socket.On("echo", (string text) => text);

            // As in Node, where nothing can be waited for: with an adapter, this would be Redis's answer, and the next event of the socket would wait as well.
            socket.On("publish", (string text) => { _ = io.EmitAsync("news", text); });
        });
        await server.RunAsync(cancellationToken);
    }
}
