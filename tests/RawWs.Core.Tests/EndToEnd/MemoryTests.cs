using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>What the server allocates and keeps, with clients in the same process that allocate nothing themselves.</summary>
[Collection(AloneCollection.Name)]
public class MemoryTests : LoopbackTests
{
    private static readonly byte[] Handshake = Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n");

    // The server echoes on other threads, so that the whole process is counted: 20,000 messages, and less than a byte for each. One object for
    // each message would be 24 bytes at least. What is left is the runtime's: a timer's tick, a thread, a method that is compiled again; therefore
    // the best of several attempts.
    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(125)]
    [InlineData(1000)]
    public async Task An_echo_of_small_messages_allocates_nothing(int length)
    {
        // In a Debug build the compiler makes an object of every asynchronous method that has to wait.
        var isDebugBuild = typeof(WebSocketServer).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };
        Assert.SkipWhen(isDebugBuild, "What is allocated is told by a Release build: dotnet test --configuration Release");

        const int Count = 20_000;
        // Empty messages come faster here than a peer may send them.
        await using var server = await StartServerAsync(configure: options => options.MaxControlFrameRate = null);
        using var client = Open(server);
        var message = WireFrame.Masked(0x82, new byte[length]);
        var echo = new byte[message.Length - 4];

        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least >= Count; attempt++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var number = 0; number < Count; number++)
                Exchange(client, message, echo);

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.InRange(least, 0, Count - 1);
    }

    // Managed memory of a connection and of the client's Socket object for it, which is in this process too; the kernel's is not counted.
    protected virtual int MaxIdleSize => 3_300;

    private static readonly WebSocketEvents Echo = new() { OnMessage = (connection, message) => connection.SendAsync(message) };

    private const int MaxLeftSize = 512;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_idle_connections_cost_little_each_and_give_it_back(bool isOfEvents)
    {
        await using var server = await StartServerAsync(isOfEvents ? Echo.RunAsync : null);
        using (var warmUp = Open(server))
        {
            Exchange(warmUp, WireFrame.MaskedText("warm"), new byte[6]);
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);

        // What other tests have left behind comes and goes meanwhile, and disturbs a measurement; what a connection costs, it costs each time.
        var (each, left) = (0L, 0L);
        for (var attempt = 0; attempt < 5 && (each < 1 || each > MaxIdleSize || left > MaxLeftSize); attempt++)
            (each, left) = await MeasureAThousandAsync(server);

        Assert.InRange(each, 1, MaxIdleSize);
        Assert.InRange(left, long.MinValue, MaxLeftSize);
    }

    [Fact]
    public async Task A_payload_is_not_allocated_at_the_size_that_its_header_announces()
    {
        const int Count = 100;
        await using var server = await StartServerAsync();
        var clients = new List<Socket>();
        for (var number = 0; number < Count; number++)
            clients.Add(Open(server));

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var number = 0; number < Count; number++)
        {
            // A whole message or a fragment of the largest size that is accepted, and one byte of it.
            clients[number].Send(Convert.FromHexString((number % 2 == 0 ? "82" : "02") + "FF" + "0000000000100000" + "00000000" + "AA"));
            clients[number].Shutdown(SocketShutdown.Send);
        }

        // The end that comes back shows that what was sent has been looked at.
        var end = new byte[1];
        foreach (var client in clients)
            Assert.Equal(0, client.Receive(end));

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Count * 64 * 1024);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Tiny_fragments_keep_as_much_memory_as_their_bytes_and_not_as_their_number()
    {
        await using var server = await StartServerAsync();
        using var client = Open(server);
        byte[] fragments = [.. Enumerable.Repeat(WireFrame.Masked(0x00, 1), 10_000).SelectMany(each => each)];
        client.Send(WireFrame.Masked(0x02, 1));
        var before = LiveMemory.Measure();

        for (var count = 0; count < 13; count++)
            SendAll(client, fragments);
        Exchange(client, WireFrame.Masked(0x89, 7), new byte[3]);

        // 130,001 bytes in as many fragments: an array twice as long, and what the pool has kept of its smaller predecessors.
        Assert.InRange(LiveMemory.Measure() - before, long.MinValue, 2 * 1024 * 1024);
    }

    // Whatever connections go through, each array that is rented goes back, and no array goes back twice: or two connections would share it.
    [Fact]
    public async Task Every_rented_array_goes_back_once_whatever_connections_go_through()
    {
        using var watch = new ArrayPoolWatch(onlyThisThread: false).Start();
        for (var round = 0; round < 5; round++)
        {
            await using var server = await StartServerAsync(ServeInManyWaysAsync, options => options.MaxMessageSize = 300_000);
            await Task.WhenAll(Enumerable.Range(0, 60).Select(seed => Task.Run(() => TalkInManyWaysAsync(server, seed))));
            await server.Server.StopAsync(new CancellationToken(true));
            Assert.DoesNotContain(server.Log.AboveDebug, entry => entry.StartsWith("Error", StringComparison.Ordinal));
        }

        Assert.Empty(watch.Faults);
    }

    private static async Task ServeInManyWaysAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        var count = 0;
        while (await connection.ReceiveAsync(cancellationToken) is { } message)
        {
            var send = connection.SendAsync(message, CancellationToken.None);
            await send;
            switch (++count % 5)
            {
                case 1:
                    _ = Task.Run(() => connection.SendAsync(new string('x', 100_000)).AsTask(), CancellationToken.None).ContinueWith(task => task.Exception, TaskScheduler.Default);
                    break;
                case 3 when message.Length > 10_000:
                    connection.Abort();
                    break;
                case 4:
                    _ = connection.CloseAsync();
                    break;
            }
        }
    }

    private static async Task TalkInManyWaysAsync(LoopbackServer server, int seed)
    {
        var random = new Random(seed);
        try
        {
            await using var client = await server.OpenAsync(receiveBufferSize: seed % 2 == 0 ? 4096 : 0);
            for (var count = 0; count < 6; count++)
            {
                var payload = new byte[random.Next(60_000)];
                if (random.Next(2) == 0)
                    await client.SendAsync(WireFrame.Masked(0x82, payload));
                else
                    await client.SendAsync([.. WireFrame.Masked(0x02, payload), .. WireFrame.Masked(0x89, 1), .. WireFrame.Masked(0x80, payload)]);

                if (random.Next(2) == 0)
                    await client.ReadFrameAsync();
            }

            switch (seed % 4)
            {
                case 0:
                    client.Abort();
                    break;
                case 1:
                    client.EndSending();
                    await client.ReadToEndAsync();
                    break;
                case 2:
                    await client.SendAsync(WireFrame.MaskedClose(1000));
                    await client.ReadToEndAsync();
                    break;
            }
        }
        catch (Exception error) when (error is IOException or EndOfStreamException)
        {
            // One side was faster than the other.
        }
    }

    private static Socket Open(LoopbackServer server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(server.EndPoint);
        client.Send(Handshake);
        Span<byte> head = stackalloc byte[200];
        var length = 0;
        while (!head[..length].EndsWith("\r\n\r\n"u8))
            length += client.Receive(head[length..]);

        return client;
    }

    private static void Exchange(Socket client, byte[] message, byte[] answer)
    {
        client.Send(message);
        for (var received = 0; received < answer.Length;)
            received += client.Receive(answer.AsSpan(received));
    }

    private static void SendAll(Socket client, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[client.Send(bytes)..];
    }

    /// <returns>What each of a thousand connections costs while it is idle, and what is left of each when they have gone.</returns>
    private static async Task<(long Each, long Left)> MeasureAThousandAsync(LoopbackServer server)
    {
        const int Count = 1000;
        var clients = new Socket[Count];
        var before = LiveMemory.Measure();

        for (var number = 0; number < Count; number++)
        {
            clients[number] = Open(server);
            Exchange(clients[number], WireFrame.MaskedText("said"), new byte[6]);
        }

        var each = (LiveMemory.Measure() - before) / Count;
        Assert.Equal(Count, server.Server.ConnectionCount);

        for (var number = 0; number < Count; number++)
            clients[number].Dispose();

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Array.Clear(clients);
        server.Log.Clear();
        return (each, (LiveMemory.Measure() - before) / Count);
    }
}
