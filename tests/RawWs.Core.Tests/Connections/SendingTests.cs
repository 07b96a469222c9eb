using System.Buffers;
using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class SendingTests
{
    [Fact]
    public async Task A_thousand_senders_at_once_send_each_message_whole_and_in_their_own_order()
    {
        const int SenderCount = 1000, MessageCount = 5;
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
            await Task.WhenAll(Enumerable.Range(0, SenderCount).Select(sender => Task.Run(async () =>
            {
                for (var number = 0; number < MessageCount; number++)
                    await connection.SendAsync(MessageOf(sender, number));
            }))));
        await using var client = await server.OpenAsync(capacity: 10_000);
        var next = new int[SenderCount];

        for (var count = 0; count < SenderCount * MessageCount; count++)
        {
            var frame = await client.ReadFrameAsync();
            Assert.Equal(0x81, frame.First);
            var sender = int.Parse(frame.Text.AsSpan(0, frame.Text.IndexOf(':', StringComparison.Ordinal)), provider: null);
            Assert.Equal(MessageOf(sender, next[sender]++), frame.Text);
        }

        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);

        static string MessageOf(int sender, int number) => $"{sender}:{number}:" + new string('x', (sender * 7 + number * 131) % 700 + (sender % 100 == 0 ? 70_000 : 0));
    }

    [Fact]
    public async Task Concurrent_streams_and_messages_are_not_interleaved_but_control_frames_may_be()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync(capacity: 5000);
        var connection = await connected.Task;

        var sends = Enumerable.Range(0, 40).Select(number => Task.Run(async () =>
        {
            if (number % 2 == 0)
                await connection.SendAsync(new MemoryStream(Encoding.ASCII.GetBytes($"{number}:" + new string('s', 40_000))), MessageType.Text);
            else
                await connection.SendAsync($"{number}:" + new string('m', 100));
            connection.SendPong([(byte)number]);
        })).ToList();

        var (received, current) = (new List<string>(), "");
        while (received.Count < 40)
        {
            var frame = await client.ReadFrameAsync();
            if (frame.Opcode == 0xA)
                continue;

            Assert.Equal(current.Length == 0 ? 0x1 : 0x0, frame.Opcode);
            current += frame.Text;
            if (!frame.Fin)
                continue;

            received.Add(current);
            current = "";
        }

        await Task.WhenAll(sends);
        foreach (var message in received)
        {
            var number = int.Parse(message.AsSpan(0, message.IndexOf(':', StringComparison.Ordinal)), provider: null);
            Assert.Equal($"{number}:" + (number % 2 == 0 ? new string('s', 40_000) : new string('m', 100)), message);
        }

        Assert.Equal(40, received.Distinct().Count());
    }

    [Fact]
    public async Task A_ping_is_answered_between_two_fragments()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync();
        var source = new GatedStream();
        var send = (await connected.Task).SendAsync(source, MessageType.Text).AsTask();
        var later = (await connected.Task).SendAsync("after it").AsTask();

        source.Give("first");
        Assert.Equal((0x01, "first"), FirstAndText(await client.ReadFrameAsync()));
        await client.SendAsync(WireFrame.Masked(0x89, "?"u8));
        Assert.Equal((0x8A, "?"), FirstAndText(await client.ReadFrameAsync()));
        Assert.False(later.IsCompleted);

        source.Give("second");
        source.Give("");
        Assert.Equal((0x00, "second"), FirstAndText(await client.ReadFrameAsync()));
        Assert.Equal((0x80, ""), FirstAndText(await client.ReadFrameAsync()));
        Assert.Equal((0x81, "after it"), FirstAndText(await client.ReadFrameAsync()));
        await Task.WhenAll(send, later);
    }

    [Fact]
    public async Task Pongs_wait_for_the_end_of_a_frame_and_only_the_latest_is_kept()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync(capacity: 1000);
        var send = (await connected.Task).SendAsync(new byte[200_000]).AsTask();

        for (byte number = 1; number <= 100; number++)
            await client.SendAsync(WireFrame.Masked(0x89, number));
        await client.WaitUntilServerWaitsAsync();
        Assert.False(send.IsCompleted);

        var frame = await client.ReadFrameAsync();
        Assert.Equal((0x82, 200_000), (frame.First, frame.Payload.Length));
        Assert.Equal([100], (await client.ReadFrameAsync()).Payload);
        await send;
        await client.SendAsync(WireFrame.MaskedText("echo"));
        Assert.Equal("echo", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_sender_that_gives_up_waiting_blocks_nobody_behind_it()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync(capacity: 1000);
        var connection = await connected.Task;
        using var cancellation = new CancellationTokenSource();

        var first = connection.SendAsync(new byte[100_000]).AsTask();
        var second = connection.SendAsync("second", cancellation.Token).AsTask();
        var third = connection.SendAsync("third", CancellationToken.None).AsTask();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(100_000, (await client.ReadFrameAsync()).Payload.Length);
        Assert.Equal("third", (await client.ReadFrameAsync()).Text);
        await Task.WhenAll(first, third);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.SendAsync("never", cancellation.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.SendAsync(new MemoryStream(), MessageType.Text, cancellation.Token));
    }

    [Fact]
    public async Task A_message_that_has_begun_is_sent_to_its_end_though_its_sender_gives_up()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync(capacity: 1000);
        using var cancellation = new CancellationTokenSource();

        var send = (await connected.Task).SendAsync(new byte[100_000], cancellationToken: cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        Assert.Equal(100_000, (await client.ReadFrameAsync()).Payload.Length);
        await send;
    }

    [Fact]
    public async Task A_source_that_fails_before_the_first_fragment_leaves_the_connection_as_it_was()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync();
        var connection = await connected.Task;
        var source = new GatedStream();
        source.Fail(new IOException("no such file"));

        await Assert.ThrowsAsync<IOException>(async () => await connection.SendAsync(source));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await connection.SendAsync(new MemoryStream([0xC3, 0x28]), MessageType.Text));

        await connection.SendAsync("still open");
        Assert.Equal("still open", (await client.ReadFrameAsync()).Text);
    }

    [Theory]
    [InlineData("fails")]
    [InlineData("is cancelled")]
    [InlineData("ends inside a character")]
    public async Task A_source_that_fails_after_the_first_fragment_closes_with_1011(string how)
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync();
        var connection = await connected.Task;
        using var cancellation = new CancellationTokenSource();
        var source = new GatedStream();
        var send = connection.SendAsync(source, MessageType.Text, cancellation.Token).AsTask();
        var later = connection.SendAsync("never sent").AsTask();

        source.Give("first \u00c3");
        Assert.Equal(0x01, (await client.ReadFrameAsync()).First);
        switch (how)
        {
            case "fails":
                source.Fail(new IOException("the disk is gone"));
                break;
            case "is cancelled":
                await cancellation.CancelAsync();
                break;
            default:
                source.Give("");
                break;
        }

        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.IsAtEndAsync());
        var error = await Assert.ThrowsAnyAsync<Exception>(() => send);
        Assert.True(error is IOException or OperationCanceledException or InvalidDataException);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => later);
    }

    [Fact]
    public async Task Text_is_valid_UTF8_or_is_not_sent()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync();
        var connection = await connected.Task;

        await Assert.ThrowsAsync<ArgumentException>("payload", async () => await connection.SendAsync(new byte[] { 0xC3, 0x28 }, MessageType.Text));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("type", async () => await connection.SendAsync(new byte[1], (MessageType)7));
        await connection.SendAsync("lone \uD800 surrogate");
        await connection.SendAsync("é€𝄞"u8.ToArray(), MessageType.Text);

        Assert.Equal("lone \uFFFD surrogate", (await client.ReadFrameAsync()).Text);
        Assert.Equal("é€𝄞", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task Nothing_is_sent_once_the_connection_closes()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync();
        var connection = await connected.Task;

        var closing = connection.CloseAsync();
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync("late"));
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync(new byte[100_000]));
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync(new MemoryStream()));
        await Assert.ThrowsAsync<WebSocketClosedException>(() => connection.PingAsync());
        connection.SendPong([1]);

        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1000));
        Assert.True(await client.IsAtEndAsync());
        await closing;
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.SendAsync("later"));
    }

    [Fact]
    public async Task A_close_goes_out_behind_the_messages_that_wait_already()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync(capacity: 1000);
        var connection = await connected.Task;

        var first = connection.SendAsync(new byte[100_000]).AsTask();
        var second = connection.SendAsync("waits").AsTask();
        var closing = connection.CloseAsync((CloseCode)4000);

        Assert.Equal(100_000, (await client.ReadFrameAsync()).Payload.Length);
        Assert.Equal("waits", (await client.ReadFrameAsync()).Text);
        Assert.Equal(4000, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(4000));
        Assert.True((await closing).IsClean);
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task Sixteen_MiB_go_to_a_slow_reader_in_pieces()
    {
        var payload = new byte[16 * 1024 * 1024];
        new Random(2).NextBytes(payload);
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            await connection.SendAsync(payload);
            await connection.SendAsync("after it");
        });
        await using var client = await server.OpenAsync(capacity: 4096);

        var frame = await client.ReadFrameAsync();

        Assert.Equal(0x82, frame.First);
        Assert.True(payload.AsSpan().SequenceEqual(frame.Payload));
        Assert.Equal("after it", (await client.ReadFrameAsync()).Text);
    }

    // Memory that was lent to a send and taken back before it was over.
    [Theory]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public async Task A_payload_that_can_not_be_read_any_more_keeps_nobody_waiting(int length)
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(connected);
        await using var client = await server.OpenAsync(capacity: 1000);
        var connection = await connected.Task;
        using var lent = new LentMemory(length);

        var first = connection.SendAsync(new byte[10_000]).AsTask();
        var broken = connection.SendAsync(lent.Memory).AsTask();
        var last = connection.SendAsync("last").AsTask();
        lent.TakeBack();
        Assert.Equal(10_000, (await client.ReadFrameAsync()).Payload.Length);
        await first;

        await Assert.ThrowsAsync<ObjectDisposedException>(() => broken.WaitAsync(TimeSpan.FromSeconds(30)));
        await Assert.ThrowsAsync<WebSocketClosedException>(() => last.WaitAsync(TimeSpan.FromSeconds(30)));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    private static Task<TestServer> StartAsync(TaskCompletionSource<WebSocketConnection> connected)
        => TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            connected.SetResult(connection);
            await TestServer.EchoAsync(connection, cancellationToken);
        });

    private static (int First, string Text) FirstAndText(WireFrame frame) => (frame.First, frame.Text);

    private sealed class LentMemory(int length) : MemoryManager<byte>
    {
        private byte[]? _bytes = new byte[length];

        public override Memory<byte> Memory => CreateMemory(length);

        public void TakeBack() => _bytes = null;

        public override Span<byte> GetSpan() => _bytes ?? throw new ObjectDisposedException(nameof(LentMemory));

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
