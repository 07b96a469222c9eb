using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Rooms;

/// <summary>Several publishers, each of whom numbers its messages, and members who come, go, stand still, and fail.</summary>
public sealed class BroadcastStressTests
{
    private const int Publishers = 3;
    private const string Last = "last";
    private static readonly string[] DropReasons = ["newest", "oldest", "conflated", "disconnected", "ceiling", "cancelled", "closed"];

    // Who stays sees every number of every publisher once, and of each publisher in order.
    [Fact]
    public async Task Who_stays_is_sent_everything_once_and_in_order_whatever_the_others_do()
    {
        const int Count = 1_500;
        var (server, metrics) = await WatchAsync();
        using var _ = metrics;
        await using var __ = server;
        var lobby = server.Rooms["lobby"];
        var staying = await server.OpenManyAsync(4);
        var others = await server.OpenManyAsync(40);
        foreach (var peer in staying)
            lobby.Join(peer.Connection);

        var reading = staying.Concat(others).ToDictionary(peer => peer, peer => peer.ReadUntilAsync(Last));
        var isOver = false;
        var disturbing = others.Select((peer, number) => Task.Run(() => DisturbAsync(lobby, peer, number, () => Volatile.Read(ref isOver)))).ToArray();

        long recipients = 0;
        await PublishAsync(Count, async text =>
        {
            var result = await lobby.BroadcastAsync(text);
            Interlocked.Add(ref recipients, result.Recipients);
        });
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(disturbing);
        Interlocked.Add(ref recipients, server.Server.Everyone.Broadcast(Last).Recipients);

        foreach (var peer in staying)
        {
            foreach (var ofOne in (await reading[peer]).GroupBy(text => text[0]))
                Assert.Equal(Enumerable.Range(0, Count), ofOne.Select(NumberOf));
        }

        // Who comes and goes misses what was said meanwhile, and nothing comes twice or late.
        foreach (var peer in others)
            AssertOrdered(await reading[peer]);

        await AssertAccountedAsync(server, metrics, recipients);
        Assert.Equal(0, staying.Sum(peer => peer.Connection.DroppedCount));
    }

    // Who is dropped from sees no gap before its end: all up to a number, or, of what is conflated or dropped, at least the order.
    [Theory]
    [InlineData(SlowConsumerPolicy.Disconnect)]
    [InlineData(SlowConsumerPolicy.DropNewest)]
    [InlineData(SlowConsumerPolicy.DropOldest)]
    [InlineData(SlowConsumerPolicy.Conflate)]
    public async Task Readers_that_are_too_slow_see_what_their_policy_says_and_all_is_accounted_for(SlowConsumerPolicy policy)
    {
        const int Count = 2_000;
        var (server, metrics) = await WatchAsync(options =>
        {
            options.BroadcastPolicy = policy;
            options.MaxSendQueueCount = 20;
        });
        using var _ = metrics;
        await using var __ = server;
        var lobby = server.Rooms["lobby"];
        var peers = await server.OpenManyAsync(12, capacity: 256);
        foreach (var peer in peers)
            lobby.Join(peer.Connection);

        var reading = peers.Select(peer => peer.ReadUntilAsync(Last)).ToArray();
        long recipients = 0, dropped = 0;
        await PublishAsync(Count, text =>
        {
            var result = lobby.Broadcast(text, options: new SendOptions { ConflationKey = policy == SlowConsumerPolicy.Conflate ? text[..1] : null });
            Interlocked.Add(ref recipients, result.Recipients);
            Interlocked.Add(ref dropped, result.Dropped);
            return ValueTask.CompletedTask;
        });

        await Task.WhenAll(peers.Where(peer => peer.Connection.IsOpen).Select(peer => peer.Connection.WaitForDrainAsync()));
        Interlocked.Add(ref recipients, lobby.Broadcast(Last, options: new SendOptions { Policy = SlowConsumerPolicy.DropOldest }).Recipients);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        var texts = await Task.WhenAll(reading);

        foreach (var ofOne in texts)
            AssertOrdered(ofOne);

        foreach (var numbers in texts.SelectMany(ofOne => ofOne.GroupBy(text => text[0])).Select(ofOne => ofOne.Select(NumberOf).ToArray()))
        {
            if (policy == SlowConsumerPolicy.Disconnect)
                Assert.Equal(Enumerable.Range(0, numbers.Length), numbers);

            if (policy is SlowConsumerPolicy.Conflate or SlowConsumerPolicy.DropOldest)
                Assert.True(numbers.Length > 0);

            if (policy == SlowConsumerPolicy.Conflate)
                Assert.Equal(Count - 1, numbers[^1]);
        }

        if (policy is SlowConsumerPolicy.DropNewest)
            Assert.Equal(dropped, metrics["rawws.messages.dropped newest"]);

        await AssertAccountedAsync(server, metrics, recipients);
    }

    [Fact]
    public async Task A_member_of_two_rooms_is_sent_each_message_to_both_once()
    {
        const int Count = 700;
        await using var server = await RoomServer.StartAsync();
        var peers = await server.OpenManyAsync(6, capacity: 1024 * 1024);
        var both = server.Rooms["a", "b"];
        foreach (var peer in peers)
            server.Rooms["a"].Join(peer.Connection);

        // They are always in one of them at least, and often in both.
        var isOver = false;
        var moving = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                foreach (var peer in peers)
                {
                    server.Rooms["b"].Join(peer.Connection);
                    server.Rooms["b"].Leave(peer.Connection);
                }
            }
        });
        var reading = peers.Select(peer => peer.ReadUntilAsync(Last)).ToArray();
        await PublishAsync(Count, text =>
        {
            Assert.Equal(new BroadcastResult(peers.Length, 0), both.Broadcast(text));
            return ValueTask.CompletedTask;
        });
        Volatile.Write(ref isOver, true);
        await moving;
        both.Broadcast(Last);

        foreach (var texts in await Task.WhenAll(reading))
        {
            foreach (var ofOne in texts.GroupBy(text => text[0]))
                Assert.Equal(Enumerable.Range(0, Count), ofOne.Select(NumberOf));
        }
    }

    // Joins and leaves for ever, or ends, in one of many ways.
    private static async Task DisturbAsync(Room room, Peer peer, int number, Func<bool> isOver)
    {
        while (!isOver())
        {
            room.Join(peer.Connection);
            await Task.Yield();
            if (number % 2 == 0 || Random.Shared.Next(100) > 0)
            {
                room.Leave(peer.Connection);
                continue;
            }

            switch (number % 10)
            {
                case 1:
                    peer.Connection.Abort();
                    return;

                case 3:
                    await peer.Client.SendAsync(WireFrame.MaskedText("throw"));
                    return;

                case 5:
                    peer.Client.Abort();
                    return;

                case 7:
                    _ = peer.Connection.CloseAsync();
                    return;

                default:
                    await peer.Client.SendAsync(WireFrame.MaskedClose(1000));
                    return;
            }
        }

        room.Join(peer.Connection);
    }

    private static Task PublishAsync(int count, Func<string, ValueTask> broadcast)
        => Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(async () =>
        {
            for (var number = 0; number < count; number++)
                await broadcast($"{publisher} {number}");
        })));

    private static Task<(RoomServer Server, MetricsProbe Metrics)> WatchAsync(Action<WebSocketServerOptions>? configure = null)
        => MetricsProbe.WatchAsync(() => RoomServer.StartAsync(configure));

    private static int NumberOf(string text) => int.Parse(text.AsSpan(2), null);

    private static void AssertOrdered(IEnumerable<string> texts)
    {
        foreach (var ofOne in texts.GroupBy(text => text[0]))
        {
            var numbers = ofOne.Select(NumberOf).ToArray();
            Assert.Equal(numbers.Distinct().Order(), numbers);
        }
    }

    // Once everybody has gone nothing waits any more.
    private static async Task AssertAccountedAsync(RoomServer server, MetricsProbe metrics, long recipients)
    {
        await server.Server.StopAsync(new CancellationToken(true));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        var dropped = DropReasons.Sum(reason => metrics[$"rawws.messages.dropped {reason}"]);
        Assert.Equal(recipients, metrics["rawws.messages.published"]);
        Assert.Equal(recipients, metrics["rawws.messages transmit"] + dropped);
        Assert.Equal(0, server.Rooms.Count);
        Assert.Equal((0, 0), (metrics["rawws.rooms"], metrics["rawws.room.memberships"]));
    }
}
