using RawWs.Connections;
using RawWs.Testing;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Connections;

/// <summary>The memory of the queues: what is counted, what happens beyond the ceiling, and what is allocated at all.</summary>
[Collection(AloneCollection.Name)]
public sealed class SendBudgetTests : IDisposable
{
    private const int MinMaxMemory = 1 << 20;

    // Of the connections of other tests, which may still be ending.
    private readonly long _start = SendBudget.Taken;

    private long Taken => SendBudget.Taken - _start;

    public void Dispose() => Assert.Equal(0, Taken);

    [Fact]
    public async Task Frame_is_counted_once_in_however_many_queues_it_waits()
    {
        PreparedMessage first = new string('1', 1000), second = new string('2', 1000);
        await using (var server = await GatedServer.StartAsync())
        {
            var networks = new List<GatedConnection>();
            for (var number = 0; number < 10; number++)
            {
                var (network, connection) = await GatedConnection.OpenAsync(server);
                networks.Add(network);
                network.Refuse();
                connection.Send(first);
                connection.Send(second);
            }

            // On its way, a small frame is copied for each; in the queues there is one.
            Assert.Equal((10 * 1004) + 1004 + SendBudget.FrameCost + (10 * SendBudget.PlaceCost), Taken);
            networks[0].TakeOnce();
            Assert.Equal((10 * 1004) + 1004 + SendBudget.FrameCost + (9 * SendBudget.PlaceCost), Taken);
            foreach (var network in networks)
                network.TakeOnce();
            Assert.Equal(9 * 1004, Taken);
            foreach (var network in networks)
                network.TakeAll();
            Assert.Equal(0, Taken);
        }
    }

    [Fact]
    public async Task Large_frame_is_neither_copied_nor_counted_for_each_peer()
    {
        const int PeerCount = 200, Length = 1 << 20;
        var message = PreparedMessage.FromBytes(new byte[Length]);
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueSize = 10 * Length);
        var peers = new List<(GatedConnection Network, WebSocketConnection Connection)>();
        for (var number = 0; number < PeerCount; number++)
        {
            peers.Add(await GatedConnection.OpenAsync(server));
            peers[^1].Network.Refuse();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var (_, connection) in peers)
        {
            connection.Send(message);
            connection.Send(message);
        }

        // A piece of 64 KiB, twice: what the sender hands to the network, and what the test keeps of it.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / PeerCount, 1, 3 * 64 * 1024);
        Assert.InRange(Taken, Length, (long)Length + 1000 + (PeerCount * ((64 * 1024) + (2 * SendBudget.PlaceCost))));
        Assert.Equal(2 * (Length + 10), peers[0].Connection.BufferedBytes);

        foreach (var (network, connection) in peers)
        {
            network.TakeAll();
            Assert.Equal(0, connection.BufferedBytes);
        }

        Assert.Equal((2 * PeerCount, 2 * PeerCount), (server.Published, server.Sent));
    }

    [Fact]
    public async Task Longest_queue_goes_first_and_only_until_the_rest_fits()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueMemory = _start + MinMaxMemory);
        var peers = await OpenAsync(server, 4);

        // Direct senders have the most of all waiting; it is their own.
        var direct = peers[0].Connection.SendAsync(new byte[10 << 20]).AsTask();
        Fill(peers[1].Connection, 200_000);
        Fill(peers[2].Connection, 500_000);
        Fill(peers[3].Connection, 300_000);
        Assert.All(peers, peer => Assert.True(peer.Connection.IsOpen));
        Fill(peers[1].Connection, 100_000);

        Assert.Equal([true, true, false, true], peers.Select(peer => peer.Connection.IsOpen));
        Assert.InRange(Taken, 1, MinMaxMemory);
        Assert.Equal(49, server.DroppedAs("ceiling"));
        Assert.Equal(1, server.Metrics["rawws.refusals queue_memory"]);
        peers[2].Network.TakeAll();
        Assert.Equal(1013, peers[2].Network.Frames[^1].CloseCode);
        foreach (var (network, _) in peers)
            network.TakeAll();
        await direct;
        Assert.Equal(server.Published, server.Sent + server.Dropped);
    }

    [Fact]
    public async Task Who_has_caught_up_and_falls_behind_again_is_among_those_who_may_go()
    {
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueMemory, options.MaxSendQueueSize) = (_start + MinMaxMemory, 10 << 20));
        var (network, connection) = Assert.Single(await OpenAsync(server, 1));
        Fill(connection, 500_000);
        network.TakeAll();
        Assert.Equal(0, connection.BufferedBytes);

        network.Refuse();
        Fill(connection, 1_000_000);
        Assert.True(connection.IsOpen);
        connection.Send(PreparedMessage.FromBytes(new byte[100_000]));

        Assert.False(connection.IsOpen);
        Assert.NotEqual(0, server.DroppedAs("ceiling"));
        network.TakeAll();
        Assert.Equal(1013, network.Frames[^1].CloseCode);
    }

    // What those that are being closed have in flight stays there until they have ended: nobody else goes for that.
    [Fact]
    public async Task Nobody_goes_for_what_those_before_have_in_flight()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueMemory = _start + MinMaxMemory);
        var peers = await OpenAsync(server, 40);

        // In flight only, 60,000 bytes each, copied: more than may be held. One after the other goes, and the others stay.
        foreach (var (_, connection) in peers)
            connection.Send(PreparedMessage.FromBytes(new byte[60_000]));

        Assert.Equal(MinMaxMemory / 60_004, peers.Count(peer => peer.Connection.IsOpen));
        var (network, sound) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        sound.Send("small");
        sound.Send("small");
        Assert.True(sound.IsOpen);
        Assert.InRange(Taken, 1, MinMaxMemory);

        foreach (var (each, _) in peers)
            each.TakeAll();
        network.TakeAll();
        Assert.Equal(server.Published, server.Sent + server.Dropped);
    }

    [Fact]
    public async Task Thousands_of_backlogs_are_relieved_by_what_is_handed_over_together_too()
    {
        const int PeerCount = 2000;
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueMemory, options.MaxConnections) = (_start + MinMaxMemory, 10_000));
        var peers = await OpenAsync(server, PeerCount);
        PreparedMessage shared = "shared";

        // 24 bytes for each in a queue, and 8 in flight: of the frame itself there is one.
        foreach (var (_, connection) in peers)
            connection.SendTogether(shared, shared);
        Assert.All(peers, peer => Assert.True(peer.Connection.IsOpen));

        var (network, last) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        last.SendTogether([.. Enumerable.Range(0, 11).Select(_ => PreparedMessage.FromBytes(new byte[100_000]))]);

        Assert.Equal(PeerCount, peers.Count(peer => peer.Connection.IsOpen));
        Assert.False(last.IsOpen);
        Assert.InRange(Taken, 1, MinMaxMemory);
    }

    // Everybody else waits for the same one: nothing is gained by closing one queue, and all of them go, in one scan.
    [Fact]
    public async Task Shared_frames_that_exceed_the_ceiling_close_all_who_wait_for_them()
    {
        const int PeerCount = 2000;
        await using var server = await GatedServer.StartAsync(options => (options.MaxSendQueueMemory, options.MaxSendQueueSize, options.MaxConnections) = (_start + MinMaxMemory, 10 << 20, 10_000));
        var peers = await OpenAsync(server, PeerCount);
        var shared = PreparedMessage.FromBytes(new byte[100]);
        var large = PreparedMessage.FromBytes(new byte[2 << 20]);
        foreach (var (_, connection) in peers)
            connection.Send(shared);

        foreach (var (_, connection) in peers)
        {
            if (connection.IsOpen)
                connection.Send(large);
        }

        Assert.InRange(Taken, 0, MinMaxMemory);
        Assert.DoesNotContain(peers, peer => peer.Connection.IsOpen && peer.Connection.QueuedBytes > 1000);
    }

    [Fact]
    public async Task Everything_is_given_back_whichever_way_a_connection_ends()
    {
        await using (var server = await GatedServer.StartAsync(options => options.BroadcastPolicy = SlowConsumerPolicy.Conflate))
        {
            for (var way = 0; way < 5; way++)
            {
                var (network, connection) = await GatedConnection.OpenAsync(server);
                network.Refuse();
                for (var number = 0; number < 20; number++)
                    connection.Send(PreparedMessage.FromBytes(new byte[number % 5 * 20_000]), new SendOptions { ConflationKey = number % 3 == 0 ? null : $"{number % 3}" });
                Assert.NotEqual(0, Taken);

                switch (way)
                {
                    case 0:
                        network.TakeAll();
                        break;
                    case 1:
                        connection.Abort();
                        break;
                    case 2:
                        network.Break();
                        break;
                    case 3:
                        _ = connection.CloseAsync();
                        network.TakeAll();
                        break;
                    default:
                        connection.OnOverBudget();
                        network.TakeAll();
                        break;
                }

                Assert.Equal(0, Taken);
                Assert.Equal(0, connection.BufferedBytes);
            }

            Assert.Equal(server.Published, server.Sent + server.Dropped);
        }
    }

    [Fact]
    public async Task Prepared_message_that_the_network_takes_at_once_allocates_nothing()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                PreparedMessage prepared = message;
                var options = new SendOptions { ConflationKey = "key", Policy = SlowConsumerPolicy.DropNewest };
                var results = new SendResult[1000];
                var allocated = Allocation.Of(() =>
                {
                    for (var number = 0; number < 50; number++)
                        results[number] = connection.Send(prepared, options);
                });
                Assert.DoesNotContain(results.Take(50), result => result != SendResult.Sent);
                await connection.CloseAsync(reason: $"{allocated} bytes");
            }
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("Hello"));

        for (var count = 0; count < 500; count++)
            Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);

        Assert.Equal("0 bytes", (await client.ReadFrameAsync()).CloseReason);
    }

    private static async Task<List<(GatedConnection Network, WebSocketConnection Connection)>> OpenAsync(GatedServer server, int count)
    {
        var peers = new List<(GatedConnection, WebSocketConnection)>();
        for (var number = 0; number < count; number++)
        {
            var (network, connection) = await GatedConnection.OpenAsync(server);
            network.Refuse();
            peers.Add((network, connection));
        }

        return peers;
    }

    // In messages of 10,000 bytes, the first of which is on its way.
    private static void Fill(WebSocketConnection connection, int length)
    {
        for (var filled = 0; filled < length; filled += 10_000)
            connection.Send(PreparedMessage.FromBytes(new byte[10_000]));
    }
}
