using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests.EndToEnd;

/// <summary>What idle sessions keep, with clients in the same process that keep nothing but their socket.</summary>
[Collection(AloneCollection.Name)]
public sealed class IdleMemoryTests
{
    private const int Count = 1_000;

    // Managed memory of a session over a WebSocket, and of the client's Socket object for it; the kernel's is not counted. Each object that every session had besides, if
    // only a lock and a dictionary, would be seen here.
    private const int MaxSize = 3_900;

    private static readonly byte[] Opening = Encoding.ASCII.GetBytes(WireClient.Handshake.Replace("/echo", "/socket.io/?EIO=4&transport=websocket", StringComparison.Ordinal) + "\r\n");
    private static readonly byte[] Join = WireFrame.MaskedText("40");
    private static readonly byte[] Ask = WireFrame.MaskedText("""420["echo","said"]""");

    [Fact]
    public async Task A_thousand_sessions_that_have_joined_and_asked_once_cost_little_each()
    {
        // In a Debug build what asynchronous methods wait with is larger.
        var isDebugBuild = typeof(SocketIOServer).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };
        Assert.SkipWhen(isDebugBuild, "What is kept is told by a Release build: dotnet test --configuration Release");

        await using var server = new WebSocketServer(new WebSocketServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        var io = new SocketIOServer(server);
        io.OnConnection(socket => socket.On("echo", (string text) => text));
        await server.StartAsync();
        using (Open(server))
        {
            // What the first one makes, it makes for all.
        }

        await Eventually.HoldsAsync(() => io.ConnectionCount == 0);

        // What other tests have left behind goes meanwhile, and disturbs a measurement; what a session costs, it costs each time.
        var each = 0L;
        for (var attempt = 0; attempt < 5 && each is < 1 or > MaxSize; attempt++)
            each = await MeasureAsync(server, io);

        Assert.InRange(each, 1, MaxSize);
        await io.CloseAsync();
    }

    private static async Task<long> MeasureAsync(WebSocketServer server, SocketIOServer io)
    {
        var clients = new Socket[Count];
        var before = LiveMemory.Measure();
        for (var number = 0; number < Count; number++)
            clients[number] = Open(server);

        var each = (LiveMemory.Measure() - before) / Count;
        Assert.Equal(Count, io.ConnectionCount);

        foreach (var client in clients)
            client.Dispose();

        await Eventually.HoldsAsync(() => io.ConnectionCount == 0);
        return each;
    }

    private static Socket Open(WebSocketServer server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(server.EndPoints[0]);
        Exchange(client, Opening, "\"maxPayload\":"u8);
        Exchange(client, Join, "40{\"sid\":"u8);
        Exchange(client, Ask, "430[\"said\"]"u8);
        return client;
    }

    private static void Exchange(Socket client, byte[] bytes, ReadOnlySpan<byte> answer)
    {
        client.Send(bytes);
        Span<byte> received = stackalloc byte[1_024];
        var length = 0;
        while (received[..length].IndexOf(answer) < 0)
        {
            var count = client.Receive(received[length..]);
            Assert.NotEqual(0, count);
            length += count;
        }
    }
}
