using System.Buffers;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>Whatever becomes of a message: published = sent + dropped + what still waits.</summary>
public sealed class SendAccountingTests
{
    [Theory]
    [InlineData("the network breaks")]
    [InlineData("the network breaks and says so at once")]
    [InlineData("aborted")]
    [InlineData("the peer closes")]
    [InlineData("the peer breaks the protocol")]
    [InlineData("closed, and no time left")]
    public async Task What_waits_when_the_connection_ends_is_dropped_once(string how)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        connection.Send("sent");
        network.Refuse();
        using var cancellation = new CancellationTokenSource();
        var sends = new List<Task> { connection.SendAsync(new byte[100_000]).AsTask() };
        for (var number = 0; number < 3; number++)
        {
            connection.Send("queued");
            sends.Add(connection.SendAsync("direct").AsTask());
            sends.Add(connection.SendAsync(new MemoryStream(new byte[10])).AsTask());
        }

        var cancelled = connection.SendAsync("cancelled", cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal((12, 1, 1), (server.Published, server.Sent, server.Dropped));

        switch (how)
        {
            case "the network breaks":
                network.Break();
                break;

            case "the network breaks and says so at once":
                network.ThrowsAtOnce = true;
                network.Break();
                break;

            case "aborted":
                connection.Abort();
                break;

            case "the peer closes":
                await network.SendAsync(WireFrame.MaskedClose(1000));
                network.Break();
                break;

            case "the peer breaks the protocol":
                await network.SendAsync(0xFF, 0x80, 0, 0, 0, 0);
                network.Break();
                break;

            default:
                var closing = connection.CloseAsync();
                await Eventually.CompletesAsync(server.Time, closing);
                await Eventually.CompletesAsync(server.Time, Task.Run(async () => await Eventually.HoldsAsync(() => network.IsAborted)));
                break;
        }

        foreach (var send in sends)
            await Assert.ThrowsAsync<WebSocketClosedException>(() => send.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Equal((12, 1, 11), (server.Published, server.Sent, server.Dropped));
        Assert.Equal((10, 1), (server.DroppedAs("closed"), server.DroppedAs("cancelled")));
        Assert.Equal((0, 3), (connection.BufferedBytes, connection.DroppedCount));
        Assert.Equal((0, 0), server.Waiting);
    }

    [Fact]
    public async Task What_the_network_takes_before_the_end_is_sent()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        foreach (var text in (string[])["a", "b", "c"])
            connection.Send(text);
        network.TakeOnce();

        await network.SendAsync(WireFrame.MaskedClose(1000));
        network.TakeAll();

        Assert.Equal(["a", "b", "c"], network.Texts.Take(3));
        Assert.Equal((3, 3, 0), (server.Published, server.Sent, server.Dropped));
        Assert.Equal((0, 0), server.Waiting);
    }

    // A transport of somebody else's may say that it is broken before it returns a task.
    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task Network_that_breaks_at_once_ends_the_connection(int length)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.ThrowsAtOnce = true;
        network.Break();

        Assert.Equal(SendResult.Queued, connection.Send(new string('a', length)));

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Equal((1, 0, 1), (server.Published, server.Sent, server.DroppedAs("closed")));
        Assert.Equal((0, 0), server.Waiting);
    }

    [Theory]
    [InlineData(CompressionMode.Shared)]
    [InlineData(CompressionMode.Dedicated)]
    public async Task What_is_compressed_waits_with_its_own_length_and_is_sent_with_another(CompressionMode mode)
    {
        const int Length = 10_000;
        await using var server = await GatedServer.StartAsync(options => options.Compression = mode);
        var (network, connection) = await GatedConnection.OpenAsync(server, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        network.Refuse();

        var first = connection.SendAsync(new byte[Length]).AsTask();
        var second = connection.SendAsync(new byte[Length]).AsTask();
        Assert.Equal((1, 2), (network.Writes.Count, server.Waiting.Messages));
        network.TakeAll();
        await first;
        await second;

        Assert.Equal((2, 2, 0), (server.Published, server.Sent, connection.BufferedBytes));
        Assert.All(network.Frames, frame => Assert.InRange(frame.Payload.Length, 1, Length / 10));
        Assert.Equal((0, 0), server.Waiting);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task Direct_send_that_fails_on_the_way_is_dropped(int length)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Break();

        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync(new byte[length]));
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync(new byte[length]));

        Assert.Equal((1, 0, 1), (server.Published, server.Sent, server.DroppedAs("closed")));
        Assert.Equal((0, 0), server.Waiting);
    }

    // Memory that its owner has taken back: nothing was begun, and the connection goes on.
    [Fact]
    public async Task Payload_that_can_not_be_read_was_never_published()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        using var gone = new GoneMemory(100);

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.SendAsync(gone.Memory));
        connection.Send("still open");

        Assert.Equal((1, 1, 0), (server.Published, server.Sent, server.Dropped));
        Assert.Equal(["still open"], network.Texts);
        Assert.Equal((0, 0), server.Waiting);
    }

    // One that is sent from where it lies has begun when it shows that it can't be read.
    [Fact]
    public async Task Payload_that_can_not_be_read_on_the_way_is_dropped()
    {
        await using var server = await GatedServer.StartAsync();
        var (_, connection) = await GatedConnection.OpenAsync(server, canBorrow: true);
        using var gone = new GoneMemory(100_000);

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.SendAsync(gone.Memory));

        Assert.Equal((1, 0, 1), (server.Published, server.Sent, server.DroppedAs("closed")));
        Assert.Equal((0, 0), server.Waiting);
    }

    [Fact]
    public async Task Streamed_message_is_sent_once_when_its_last_fragment_is()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        var sending = connection.SendAsync(new MemoryStream(new byte[40_000])).AsTask();
        Assert.Equal((1, 0), (server.Published, server.Sent));
        network.TakeOnce();
        Assert.Equal((1, 0), (server.Published, server.Sent));
        network.TakeAll();
        await sending;
        Assert.Equal((1, 1, 0), (server.Published, server.Sent, server.Dropped));
        Assert.Equal((0, 0), server.Waiting);
    }

    [Fact]
    public async Task Streamed_message_whose_source_fails_first_was_not_sent()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var source = new GatedStream();
        source.Fail(new IOException("no such file"));

        await Assert.ThrowsAsync<IOException>(async () => await connection.SendAsync(source));
        connection.Send("still open");

        Assert.Equal(["still open"], network.Texts);
        Assert.Equal((2, 1, 1), (server.Published, server.Sent, server.DroppedAs("cancelled")));
        Assert.Equal((0, 0), server.Waiting);
    }

    [Fact]
    public async Task Streamed_message_that_is_broken_off_is_dropped()
    {
        await using var server = await GatedServer.StartAsync();
        var (_, connection) = await GatedConnection.OpenAsync(server);
        var source = new GatedStream();
        var sending = connection.SendAsync(source).AsTask();
        source.Give("one");
        connection.Send("behind it");
        source.Fail(new IOException("the disk is gone"));

        await Assert.ThrowsAsync<IOException>(() => sending);

        Assert.Equal((2, 0, 2), (server.Published, server.Sent, server.DroppedAs("closed")));
        Assert.Equal((0, 0), server.Waiting);
    }

    [Fact]
    public async Task What_is_refused_was_never_published()
    {
        await using var server = await GatedServer.StartAsync();
        var (_, connection) = await GatedConnection.OpenAsync(server);
        _ = connection.CloseAsync();

        Assert.Throws<WebSocketClosedException>(() => { connection.Send("a"); });
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync("a"));
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync("a", new SendOptions { Policy = SlowConsumerPolicy.DropNewest }));
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync(new MemoryStream()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async ()
            => await connection.SendAsync("a", new SendOptions { Policy = SlowConsumerPolicy.DropNewest }, new CancellationToken(canceled: true)));
        Assert.False(connection.EnqueueAll(["a", "b"]));

        Assert.Equal((0, 0, 0), (server.Published, server.Sent, server.Dropped));
        Assert.Equal((0, 0), server.Waiting);
    }

    private sealed class GoneMemory(int length) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(length);

        public override Span<byte> GetSpan() => throw new ObjectDisposedException(nameof(GoneMemory));

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
