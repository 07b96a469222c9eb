using System.Text;
using RawWs.Connections;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class SlowConsumerPolicyTests
{
    private const int HeaderLength = 2;

    // The first message is on its way and fills 10 bytes; what follows has 10 bytes as well, header included.
    [Theory]
    [InlineData(39, 2)]
    [InlineData(40, 3)]
    [InlineData(41, 3)]
    [InlineData(49, 3)]
    [InlineData(50, 4)]
    [InlineData(0, 0)]
    [InlineData(9, 0)]
    [InlineData(10, 0)]
    [InlineData(19, 0)]
    [InlineData(20, 1)]
    public async Task Queue_holds_as_many_bytes_as_its_limit(long maxSize, int expected)
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueSize, options.BroadcastPolicy) = (maxSize, SlowConsumerPolicy.DropNewest));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        var results = Enumerable.Range(0, 8).Select(number => connection.Send($"{number}-------")).ToList();

        Assert.Equal([.. Enumerable.Repeat(SendResult.Queued, 1 + expected), .. Enumerable.Repeat(SendResult.Dropped, 7 - expected)], results);
        Assert.Equal((10 * (1 + expected), 7 - expected), (connection.BufferedBytes, connection.DroppedCount));
        network.TakeAll();
        Assert.Equal(Enumerable.Range(0, 1 + expected).Select(number => $"{number}-------"), network.Texts);
        Assert.Equal((0, 8, 1 + expected), (connection.BufferedBytes, server.Published, server.Sent));
    }

    // What is on its way has left the queue.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Queue_holds_as_many_messages_as_its_limit(int maxCount)
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueCount, options.BroadcastPolicy) = (maxCount, SlowConsumerPolicy.DropNewest));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        var results = Enumerable.Range(0, 8).Select(number => connection.Send($"{number}")).ToList();

        Assert.Equal(Math.Min(8, 1 + maxCount), results.Count(result => result == SendResult.Queued));
        Assert.Equal(Math.Max(0, 7 - maxCount), server.DroppedAs("newest"));
    }

    [Theory]
    [InlineData(SlowConsumerPolicy.DropNewest, "0 1 2 3", "newest", 4)]
    [InlineData(SlowConsumerPolicy.DropOldest, "0 5 6 7", "oldest", 4)]
    [InlineData(SlowConsumerPolicy.Conflate, "0 5 6 7", "oldest", 4)]
    public async Task Full_queue_drops_what_the_policy_says(SlowConsumerPolicy policy, string arrived, string reason, int dropped)
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueCount, options.BroadcastPolicy) = (3, policy));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        for (var number = 0; number < 8; number++)
            connection.Send($"{number}");
        network.TakeAll();

        Assert.Equal(arrived, string.Join(' ', network.Texts));
        Assert.Equal((dropped, dropped, dropped), (server.DroppedAs(reason), server.Dropped, connection.DroppedCount));
        Assert.Equal((8, 8 - dropped), (server.Published, server.Sent));
    }

    [Fact]
    public async Task As_many_of_the_oldest_are_dropped_as_the_newest_needs_room()
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueSize, options.BroadcastPolicy) = (40, SlowConsumerPolicy.DropOldest));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        foreach (var text in (string[])["on its way", "a", "b", "c", "d", "long: 15 bytes.", "e"])
            connection.Send(text);
        network.TakeAll();

        Assert.Equal(["on its way", "c", "d", "long: 15 bytes.", "e"], network.Texts);
    }

    // Sixteen bytes more than ever fit: everything that waits would go, and make no room.
    [Theory]
    [InlineData(SlowConsumerPolicy.DropOldest)]
    [InlineData(SlowConsumerPolicy.Conflate)]
    public async Task Message_that_fits_into_no_queue_drops_itself_only(SlowConsumerPolicy policy)
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueSize, options.BroadcastPolicy) = (40, policy));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        connection.Send("on its way");
        connection.Send("a");

        Assert.Equal(SendResult.Dropped, connection.Send(new string('x', 27)));
        Assert.Equal((1, 0), (server.DroppedAs("newest"), server.DroppedAs("oldest")));
        Assert.Equal(SendResult.Queued, connection.Send("b"));
        Assert.Equal(SendResult.Queued, connection.Send(new string('x', 26)));
        network.TakeAll();

        Assert.Equal(["on its way", new string('x', 26)], network.Texts);
        Assert.Equal((1, 2), (server.DroppedAs("newest"), server.DroppedAs("oldest")));
    }

    [Fact]
    public async Task Of_each_key_the_newest_value_is_sent_in_the_place_of_the_first()
    {
        await using var server = await GatedServer.StartAsync(options => options.BroadcastPolicy = SlowConsumerPolicy.Conflate);
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        connection.Send("on its way");
        foreach (var (key, value) in ((string, string)[])[("a", "a1"), ("b", "b1"), ("a", "a2"), ("c", "c1"), ("b", "b2"), ("a", "a3")])
            connection.Send(value, new SendOptions { ConflationKey = key });
        connection.Send("all begins anew");
        foreach (var (key, value) in ((string, string)[])[("b", "b3"), ("a", "a4"), ("b", "b4")])
            connection.Send(value, new SendOptions { ConflationKey = key });
        network.TakeAll();

        Assert.Equal(["on its way", "c1", "all begins anew", "b4", "a4"], network.Texts);
        Assert.Equal((6, 11, 5), (server.DroppedAs("conflated"), server.Published, server.Sent));
    }

    [Fact]
    public async Task Newer_value_does_not_overtake_a_direct_send()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var conflate = new SendOptions { Policy = SlowConsumerPolicy.Conflate, ConflationKey = "a" };
        network.Refuse();

        connection.Send("on its way");
        connection.Send("a1", conflate);
        var direct = connection.SendAsync("direct").AsTask();
        connection.Send("a2", conflate);
        network.TakeAll();
        await direct;

        await Eventually.HoldsAsync(() => connection.BufferedBytes == 0);
        Assert.Equal(["on its way", "direct", "a2"], network.Texts);
    }

    [Fact]
    public async Task Newer_values_that_grow_stay_within_the_limit()
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueSize, options.BroadcastPolicy) = (1000, SlowConsumerPolicy.Conflate));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        connection.Send("on its way");

        for (var length = 1; length < 400; length *= 2)
        {
            for (var key = 0; key < 20; key++)
            {
                connection.Send(new string((char)('a' + key), length), new SendOptions { ConflationKey = $"{key}" });
                Assert.InRange(connection.BufferedBytes, 0, 1000);
            }
        }

        network.TakeAll();
        Assert.Equal([new string('r', 256), new string('s', 256), new string('t', 256)], network.Texts.Skip(1));
        Assert.Equal(server.Published, server.Sent + server.Dropped);
    }

    [Fact]
    public async Task Disconnected_peer_is_told_1008_and_what_waits_is_dropped()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueCount = 2);
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        Assert.Equal(
            [SendResult.Queued, SendResult.Queued, SendResult.Queued, SendResult.Dropped],
            Enumerable.Range(0, 4).Select(number => connection.Send($"{number}")).ToList());

        Assert.Equal((3, 3), (server.DroppedAs("disconnected"), connection.DroppedCount));
        Assert.Throws<WebSocketClosedException>(() => { connection.Send("late"); });
        network.TakeAll();
        Assert.Equal((2, "0", 1008), (network.Frames.Count, network.Frames[0].Text, network.Frames[1].CloseCode));
        Assert.Equal((CloseCode)1008, (await connection.Closed).SentCode);
        Assert.Equal((4, 1, 3), (server.Published, server.Sent, server.Dropped));
    }

    [Fact]
    public async Task Peer_that_never_reads_is_aborted_when_its_time_to_close_is_over()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueCount = 1);
        var (client, connection) = await server.OpenAsync(capacity: 1000);
        await using var disposal = client;
        PreparedMessage message = new string('x', 2000);
        while (connection.Send(message) != SendResult.Dropped)
        {
        }

        server.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(1, server.Server.ConnectionCount);
        Assert.Equal(2004, connection.BufferedBytes);
        await Eventually.CompletesAsync(server.Time, Task.Run(async () => await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0)));

        await Assert.ThrowsAnyAsync<IOException>(client.ReadToEndAsync);
        Assert.Equal((0, 3, 0), (connection.BufferedBytes, server.Published, server.Sent));
        Assert.Equal((2, 1), (server.DroppedAs("disconnected"), server.DroppedAs("closed")));
    }

    [Theory]
    [InlineData(10, 1 << 20)]
    [InlineData(1000, 12_000)]
    public async Task Who_is_too_far_behind_for_what_is_handed_over_together_is_given_up(int maxCount, int maxSize)
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueCount, options.MaxSendQueueSize) = (maxCount, maxSize));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        PreparedMessage message = new string('x', 1000);

        // The first is on its way. What is handed over to a queue that is not full may fill it beyond its limit, once.
        for (var count = 0; count < 12; count++)
        {
            Assert.True(connection.IsOpen);
            connection.SendTogether(message);
        }

        connection.SendTogether(message);
        Assert.False(connection.IsOpen);
        Assert.Equal(12, server.DroppedAs("disconnected"));
    }

    [Fact]
    public async Task Policy_is_what_the_message_says_then_the_connection_then_the_server()
    {
        await using var server = await GatedServer.StartAsync(options
            => (options.MaxSendQueueCount, options.SendPolicy, options.BroadcastPolicy) = (1, SlowConsumerPolicy.DropNewest, SlowConsumerPolicy.DropOldest));
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        connection.Send("on its way");
        connection.Send("1");

        connection.Send("2");
        Assert.Equal((0, 1), (server.DroppedAs("newest"), server.DroppedAs("oldest")));
        await connection.SendAsync("3");
        Assert.Equal((1, 1), (server.DroppedAs("newest"), server.DroppedAs("oldest")));
        connection.SlowConsumerPolicy = SlowConsumerPolicy.DropNewest;
        connection.Send("4");
        Assert.Equal((2, 1), (server.DroppedAs("newest"), server.DroppedAs("oldest")));
        connection.Send("5", new SendOptions { Policy = SlowConsumerPolicy.DropOldest });
        Assert.Equal((2, 2), (server.DroppedAs("newest"), server.DroppedAs("oldest")));
        connection.SlowConsumerPolicy = SlowConsumerPolicy.DropOldest;
        await connection.SendAsync("6"u8.ToArray(), MessageType.Text);
        Assert.Equal((2, 3), (server.DroppedAs("newest"), server.DroppedAs("oldest")));
        var waiting = connection.SendAsync("7", new SendOptions { Policy = SlowConsumerPolicy.Wait }).AsTask();
        Assert.False(waiting.IsCompleted);
        await connection.SendAsync(PreparedMessage.FromText("8"), new SendOptions { Policy = SlowConsumerPolicy.DropNewest });
        Assert.Equal((3, 3), (server.DroppedAs("newest"), server.DroppedAs("oldest")));

        network.TakeAll();
        await waiting;
        Assert.Equal(["on its way", "6", "7"], network.Texts);

        network.Refuse();
        connection.SlowConsumerPolicy = SlowConsumerPolicy.Wait;
        connection.Send("on its way");
        connection.Send("waits");
        Assert.Equal(SendResult.Dropped, connection.Send("can't wait"));
        Assert.False(connection.IsOpen);
        Assert.Equal(2, server.DroppedAs("disconnected"));
    }

    // A broadcast that is awaited: whoever publishes waits, and bounds how much is queued.
    [Fact]
    public async Task Message_that_somebody_waits_for_is_queued_though_the_queue_is_full()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueCount = 4);
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        var outcomes = Enumerable.Range(0, 8).Select(number => connection.Enqueue($"{number}", default, SlowConsumerPolicy.Wait)).ToList();

        Assert.Equal([.. Enumerable.Repeat(Enqueued.Queued, 3), .. Enumerable.Repeat(Enqueued.Congested, 5)], outcomes);
        network.TakeAll();
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"{number}"), network.Texts);
        Assert.Equal(Enqueued.Sent, connection.Enqueue("8", default, SlowConsumerPolicy.Wait));
        network.Break();
        Assert.Equal(Enqueued.Queued, connection.Enqueue("9", default, SlowConsumerPolicy.Wait));
        Assert.Equal(Enqueued.Closed, connection.Enqueue("10", default, SlowConsumerPolicy.Wait));
    }

    [Fact]
    public async Task Congestion_begins_behind_half_of_either_limit_and_is_not_told_of_who_was_written_off()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueSize = 100);
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();

        Assert.Equal(Enqueued.Queued, connection.Enqueue(OfSize(50), default, SlowConsumerPolicy.DropNewest));
        Assert.Equal(Enqueued.Congested, connection.Enqueue(OfSize(2), default, SlowConsumerPolicy.DropNewest));
        connection.WriteOff();
        Assert.Equal(Enqueued.Queued, connection.Enqueue(OfSize(2), default, SlowConsumerPolicy.DropNewest));
        Assert.Equal(Enqueued.Congested, connection.Enqueue(OfSize(2), default, SlowConsumerPolicy.Wait));
        Assert.Equal(Enqueued.Dropped, connection.Enqueue(OfSize(45), default, SlowConsumerPolicy.DropNewest));

        // Who has caught up is waited for again.
        network.TakeAll();
        network.Refuse();
        Assert.Equal(Enqueued.Queued, connection.Enqueue(OfSize(51), default, SlowConsumerPolicy.DropNewest));
        Assert.Equal(Enqueued.Congested, connection.Enqueue(OfSize(2), default, SlowConsumerPolicy.DropNewest));
        network.TakeAll();

        // Nothing to write off: nothing waits.
        connection.WriteOff();
        network.Refuse();
        connection.Enqueue(OfSize(51), default, SlowConsumerPolicy.DropNewest);
        Assert.Equal(Enqueued.Congested, connection.Enqueue(OfSize(2), default, SlowConsumerPolicy.DropNewest));

        static PreparedMessage OfSize(int size) => PreparedMessage.FromBytes(Encoding.ASCII.GetBytes(new string('x', size - HeaderLength)));
    }
}
