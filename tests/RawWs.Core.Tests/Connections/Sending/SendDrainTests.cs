using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>How what waits leaves the queue, and who is told.</summary>
public sealed class SendDrainTests
{
    private const int MaxWriteSize = 64 * 1024;

    [Fact]
    public async Task What_has_piled_up_leaves_in_one_write_and_in_one_piece()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        for (var number = 0; number < 1000; number++)
            connection.Send($"{number}");
        Assert.Single(network.Writes);

        network.TakeOnce();

        Assert.Equal((2, 1), (network.Writes.Count, network.PieceCount));
        Assert.Equal(Enumerable.Range(0, 1000).Select(number => $"{number}"), network.Texts);
        Assert.Equal(1, server.Sent);
        network.TakeAll();
        Assert.Equal((2, 1000), (network.Writes.Count, server.Sent));
    }

    [Fact]
    public async Task Each_write_carries_as_many_whole_frames_as_fit_into_64_KiB()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        int[] sizes = [100, MaxWriteSize - 100, 100, 1, MaxWriteSize - 100, MaxWriteSize, MaxWriteSize + 1, 100, 200_000, 50, 60];
        connection.Send("on its way");
        foreach (var size in sizes)
            connection.Send(OfFrameSize(size));

        network.TakeAll();

        Assert.Equal([12, MaxWriteSize, 102, MaxWriteSize - 100, MaxWriteSize, MaxWriteSize, 1, 100, .. Pieces(200_000), 110], network.Writes.Select(write => write.Length));
        Assert.Equal(sizes.Length + 1, network.Frames.Count);
        Assert.Equal((sizes.Length + 1, 0), (server.Sent, connection.BufferedBytes));

        static IEnumerable<int> Pieces(int length) => Enumerable.Repeat(MaxWriteSize, length / MaxWriteSize).Append(length % MaxWriteSize);
    }

    [Fact]
    public async Task Messages_that_are_handed_over_together_leave_together()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var drained = 0;
        connection.Drained = _ => drained++;

        Assert.True(connection.EnqueueAll(["a", "b", "c"]));
        Assert.Empty(network.Writes);
        connection.ReleaseSending(isHeld: true);
        Assert.Equal((1, 3, 3, 0), (network.Writes.Count, server.Published, server.Sent, drained));

        network.Refuse();
        Assert.True(connection.EnqueueAll(["d", "e"]));
        connection.ReleaseSending(isHeld: true);
        Assert.False(connection.EnqueueAll(["f", new string('x', 100_000), "g"]));
        Assert.True(connection.BufferedBytes > 100_000);
        Assert.Equal(0, drained);
        network.TakeAll();
        Assert.Equal(["a", "b", "c", "d", "e", "f", new string('x', 100_000), "g"], network.Texts);
        Assert.Equal((8, 8, 1), (server.Published, server.Sent, drained));

        connection.Abort();
        Assert.False(connection.EnqueueAll(["h"]));
        Assert.Equal(8, server.Published);
    }

    [Fact]
    public async Task Order_is_that_of_the_calls_whatever_the_kind()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        using var cancellation = new CancellationTokenSource();

        connection.Send("0");
        var first = connection.SendAsync("1", cancellation.Token).AsTask();
        connection.Send("2");
        var third = connection.SendAsync("3", CancellationToken.None).AsTask();
        connection.Send("4");
        var fifth = connection.SendAsync(new MemoryStream("5"u8.ToArray()), MessageType.Text).AsTask();
        connection.Send("6");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        network.TakeOnce();
        Assert.Equal(["0", "2"], network.Texts);
        network.TakeAll();
        await Task.WhenAll(third, fifth);

        await Eventually.HoldsAsync(() => connection.BufferedBytes == 0);
        Assert.Equal(["0", "2", "3", "4", "5", "", "6"], network.Texts);
        Assert.Equal((7, 6, 1), (server.Published, server.Sent, server.DroppedAs("cancelled")));
    }

    [Fact]
    public async Task Pings_are_answered_before_what_waits_though_the_queue_is_full()
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueCount, options.BroadcastPolicy) = (4, SlowConsumerPolicy.DropNewest));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        for (var number = 0; number < 10; number++)
            connection.Send($"{number}");

        await network.SendAsync(WireFrame.Masked(0x89, "first"u8));
        await network.SendAsync(WireFrame.Masked(0x89, "second"u8));
        network.TakeAll();

        Assert.Equal(["0", "second", "1", "2", "3", "4"], network.Texts);
        Assert.Equal(0x8A, network.Frames[1].First);
    }

    [Fact]
    public async Task Frames_wait_for_the_end_of_a_streamed_message()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var drained = 0;
        connection.Drained = _ => drained++;
        var source = new GatedStream();
        var streaming = connection.SendAsync(source, MessageType.Text).AsTask();
        source.Give("one");
        await Eventually.HoldsAsync(() => network.Frames.Count == 1);

        Assert.Equal(SendResult.Queued, connection.Send("after it"));
        Assert.Equal(SendResult.Queued, connection.Send("and this"));
        var waiting = connection.WaitForDrainAsync(TestContext.Current.CancellationToken);
        await network.SendAsync(WireFrame.Masked(0x89, "?"u8));
        await Eventually.HoldsAsync(() => network.Frames.Count == 2);

        // A control frame that the network did not take at once has left: that is not what is waited for.
        network.Refuse();
        connection.SendPong("!"u8);
        network.TakeAll();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(0, drained);
        source.Give("");
        await streaming;
        await waiting;

        Assert.Equal(["one", "?", "!", "", "after it", "and this"], network.Texts);
        Assert.Equal((5, 1), (network.Writes.Count, drained));
    }

    // A stream may stand still for hours, with nothing that waits.
    [Fact]
    public async Task Open_message_with_nothing_behind_it_keeps_nobody_waiting()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var source = new GatedStream();
        network.Refuse();
        connection.Send("on its way");
        var streaming = connection.SendAsync(source, MessageType.Text).AsTask();
        var first = connection.WaitForDrainAsync(TestContext.Current.CancellationToken);
        network.TakeAll();
        await first.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        network.Refuse();
        source.Give("one");
        await Eventually.HoldsAsync(() => !connection.WaitForDrainAsync(CancellationToken.None).IsCompleted);
        Assert.Equal(3, connection.BufferedBytes);
        var second = connection.WaitForDrainAsync(TestContext.Current.CancellationToken);
        network.TakeAll();
        await second.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(0, connection.BufferedBytes);
        source.Give("");
        await streaming;
    }

    [Fact]
    public async Task Drained_is_told_once_after_something_has_waited()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var buffered = new List<long>();
        connection.Drained = drained => buffered.Add(drained.BufferedBytes);

        // What the network takes at once has not waited, whatever its size.
        connection.Send("small");
        Assert.Equal(SendResult.Sent, connection.Send(new string('x', 200_000)));
        await connection.SendAsync("small");
        await connection.SendAsync(new byte[200_000]);
        await connection.SendAsync(new MemoryStream(new byte[100_000]));
        connection.SendPong([]);
        Assert.Empty(buffered);

        network.Refuse();
        connection.Send("a");
        connection.Send("b");
        network.TakeOnce();
        Assert.Empty(buffered);
        network.TakeOnce();
        Assert.Equal([0], buffered);

        Assert.Equal(SendResult.Queued, connection.Send(new string('x', 200_000)));
        network.TakeAll();
        Assert.Equal([0, 0], buffered);

        network.Refuse();
        var direct = connection.SendAsync("direct").AsTask();
        network.TakeAll();
        await direct;
        Assert.Equal([0, 0, 0], buffered);

        // A control frame is no message.
        network.Refuse();
        connection.SendPong([]);
        Assert.True(connection.WaitForDrainAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        network.TakeAll();
        Assert.Equal([0, 0, 0], buffered);
    }

    // The pump that the event is for: large messages, one after the other, as fast as the peer takes them.
    [Fact]
    public async Task Drained_may_send_more_any_number_of_times()
    {
        const int Count = 20_000;
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        PreparedMessage message = new string('x', 66_000);
        var (sent, told) = (0, 0);
        connection.Drained = drained =>
        {
            told++;
            while (sent < Count && drained.Send(message) == SendResult.Sent)
                sent++;
        };

        network.Refuse();
        connection.Send("on its way");
        network.TakeAll();

        Assert.Equal((Count, 1), (sent, told));
    }

    // Others may go on handing over messages for as long as they like: they are not sent at the cost of one who has sent its own.
    [Fact]
    public async Task Sender_is_not_kept_by_what_others_send()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var (left, thread) = (1000, Environment.CurrentManagedThreadId);
        network.Refuse();
        connection.Send("on its way");
        network.Flushing = () =>
        {
            if (Environment.CurrentManagedThreadId == thread && --left > 0)
                connection.Send("another");
        };

        connection.Send("the next");
        network.TakeAll();
        thread = 0;

        Assert.InRange(left, 900, 999);
        await connection.WaitForDrainAsync(CancellationToken.None);
        Assert.Equal(server.Published, server.Sent);
    }

    [Fact]
    public async Task Handler_that_throws_harms_nobody()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        connection.Drained = _ => throw new InvalidOperationException("a handler's own fault");
        network.Refuse();
        connection.Send("a");
        var waiting = connection.WaitForDrainAsync(TestContext.Current.CancellationToken);
        network.TakeAll();
        await waiting;

        Assert.Contains("a handler's own fault", Assert.Single(server.Log.AboveDebug), StringComparison.Ordinal);
        server.Log.Clear();
        Assert.Equal(SendResult.Sent, connection.Send("b"));
    }

    [Fact]
    public async Task Whoever_waits_for_a_drain_is_released_by_the_end_or_gives_up()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var drained = 0;
        connection.Drained = _ => drained++;
        using var cancellation = new CancellationTokenSource();
        Assert.True(connection.WaitForDrainAsync(CancellationToken.None).IsCompletedSuccessfully);

        network.Refuse();
        connection.Send("a");
        connection.Send("b");
        var (waiting, impatient) = (connection.WaitForDrainAsync(CancellationToken.None), connection.WaitForDrainAsync(cancellation.Token));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.False(waiting.IsCompleted);
        connection.Abort();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.True(connection.WaitForDrainAsync(CancellationToken.None).IsCompletedSuccessfully);
        Assert.Equal((0, 0, 2), (drained, connection.BufferedBytes, connection.DroppedCount));
        Assert.Throws<WebSocketClosedException>(() => { connection.Send("c"); });
    }

    [Fact]
    public async Task Close_goes_out_behind_what_waits_and_nobody_is_told_to_send_more()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueCount = 3);
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var drained = 0;
        connection.Drained = _ => drained++;
        network.Refuse();
        foreach (var text in (string[])["a", "b", "c", "d"])
            connection.Send(text);
        var direct = connection.SendAsync("e").AsTask();
        var waiting = connection.WaitForDrainAsync(TestContext.Current.CancellationToken);

        var closing = connection.CloseAsync();
        Assert.Throws<WebSocketClosedException>(() => { connection.Send("late"); });
        network.TakeAll();
        await direct;
        await waiting;

        await Eventually.HoldsAsync(() => network.Frames.Count == 6);
        Assert.Equal(["a", "b", "c", "d", "e"], network.Texts.Take(5));
        Assert.Equal((1000, 0), (network.Frames[5].CloseCode, drained));
        await network.SendAsync(WireFrame.MaskedClose(1000));
        Assert.True((await closing).IsClean);
        Assert.Equal((5, 5, 0), (server.Published, server.Sent, server.Dropped));
    }

    [Fact]
    public async Task What_waits_when_a_session_returns_is_sent_before_its_close_frame()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync((connection, _) =>
        {
            for (var number = 0; number < 100; number++)
                connection.Send($"{number}:" + new string('x', 1000));
            return Task.CompletedTask;
        });
        await using var client = await server.OpenAsync(capacity: 500);

        for (var number = 0; number < 100; number++)
            Assert.Equal($"{number}:" + new string('x', 1000), (await client.ReadFrameAsync()).Text);
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
    }

    [Fact]
    public async Task Peer_that_reads_byte_by_byte_gets_everything()
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueCount, options.BroadcastPolicy) = (1000, SlowConsumerPolicy.DropNewest));
        var (client, connection) = await server.OpenAsync(capacity: 1);
        await using var disposal = client;
        for (var number = 0; number < 100; number++)
            Assert.Equal(SendResult.Queued, connection.Send($"{number}"));

        // A byte at a time: the network takes one more only when the last was read.
        for (var number = 0; number < 100; number++)
            Assert.Equal($"{number}", (await client.ReadFrameAsync()).Text);

        await connection.WaitForDrainAsync(TestContext.Current.CancellationToken);
        Assert.Equal((100, 0), (server.Sent, connection.BufferedBytes));
    }

    private static PreparedMessage OfFrameSize(int size)
    {
        var header = size switch { > 65_535 + 4 => 10, > 125 + 2 => 4, _ => 2 };
        return PreparedMessage.FromBytes(Encoding.ASCII.GetBytes(new string('x', Math.Max(0, size - header))));
    }
}
