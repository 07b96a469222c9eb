using System.Net;
using RawWs.Transport;

namespace RawWs.Load;

/// <summary>
/// A server of the library in a process of its own, with the endpoints of rawws, that can be asked what its objects hold: of that, the system knows nothing.
/// </summary>
internal static class ScaleServer
{
    /// <summary>The question, a line on standard input. The answer is a number of bytes.</summary>
    public const string MemoryQuestion = "memory";

    /// <summary>How this program is started as such a server.</summary>
    /// <param name="transport">sockets or eventloop.</param>
    public static ServerStart StartOf(string transport)
        => ServerStart.OfDotNet(typeof(ScaleServer).Assembly.Location, "serve", "--port", ServerStart.PortPlace, "--transport", transport) with { Answers = true };

    /// <summary>Serves until standard input ends.</summary>
    public static async Task RunAsync(int port, bool usesEventLoops, CancellationToken cancellationToken)
    {
        await using var server = New([new IPEndPoint(IPAddress.Loopback, port)], usesEventLoops ? new EventLoopTransport() : new SocketTransport());
        await server.StartAsync();
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == MemoryQuestion)
                Console.WriteLine(ManagedMemory());
        }
    }

    /// <summary>The same server, not started.</summary>
    public static WebSocketServer New(IEnumerable<EndPoint> endPoints, ITransport? transport)
    {
        var server = new WebSocketServer(new WebSocketServerOptions { EndPoints = [.. endPoints], Transport = transport });
        server.Map("/echo", async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await connection.SendAsync(message, cancellationToken);
        });
        server.Map("/broadcast", async (connection, cancellationToken) =>
        {
            var room = server.Rooms[connection.Path];
            room.Join(connection);
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await room.BroadcastAsync(message, cancellationToken: cancellationToken);
        });
        return server;
    }

    /// <summary>Bytes of all objects that are in use, after what is not has been given back to the system.</summary>
    public static long ManagedMemory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

        // GC.GetTotalMemory may count some megabytes of free space.
        var info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return info.HeapSizeBytes - info.FragmentedBytes;
    }
}
