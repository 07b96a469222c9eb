using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;
using static RawWs.Redis.Tests.SocketIO.Listener;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What becomes of Socket.IO servers when a replica becomes the primary, and the address of Redis follows it. docs/scale-out.md has each of these by its name.</summary>
public sealed class AdapterFailoverTests
{
    private const string Key = "socket.io";

    [Theory]
    [InlineData(AdapterKind.PubSub, false)]
    [InlineData(AdapterKind.PubSub, true)]
    [InlineData(AdapterKind.Sharded, false)]
    [InlineData(AdapterKind.Sharded, true)]
    [InlineData(AdapterKind.Streams, false)]
    [InlineData(AdapterKind.Streams, true)]
    public async Task Whoever_is_on_a_server_hears_all_of_it_while_the_primary_changes_and_then_all_hear_each_other_again(AdapterKind kind, bool isHandedOver)
    {
        const int Count = 100;
        await using var failover = await FailoverRig.StartAsync();
        await using var one = await StartAsync(failover, kind);
        await using var two = await StartAsync(failover, kind);
        await using var alice = new Listener(await one.Server.ConnectAsync());
        await using var bob = new Listener(await two.Server.ConnectAsync());
        await one.WaitForServersAsync(2);
        await two.WaitForServersAsync(2);
        using var stopping = new CancellationTokenSource();
        var talking = Task.WhenAll(TalkAsync(one, "one", alice, stopping.Token), TalkAsync(two, "two", bob, stopping.Token));
        await alice.HearsAsync($"two {Count}");
        await bob.HearsAsync($"one {Count}");

        // In the middle of what both say, and they go on. Handed over, connections stay open, and the address leads to what is a replica now.
        await (isHandedOver ? failover.HandOverAsync() : failover.FailOverAsync());
        await DisconnectedAsync(one, two);
        var (heardByAlice, heardByBob) = (alice.Heard.Length, bob.Heard.Length);
        await Eventually.HoldsAsync(() => alice.Heard.Length >= heardByAlice + Count && bob.Heard.Length >= heardByBob + Count);
        var heard = (Alice: alice.Heard.Length, Bob: bob.Heard.Length);
        failover.Follow();

        // Nobody has to do anything for it.
        await Eventually.HoldsAsync(() => alice.Heard.Skip(heard.Alice).Any(static text => text.StartsWith("two", StringComparison.Ordinal)));
        await Eventually.HoldsAsync(() => bob.Heard.Skip(heard.Bob).Any(static text => text.StartsWith("one", StringComparison.Ordinal)));
        await stopping.CancelAsync();
        var said = await talking;
        await one.WaitForServersAsync(2);
        var sockets = await one.IO.Everybody.FetchSocketsAsync();
        Assert.Equal((true, 2), (sockets.IsComplete, sockets.Count));

        Assert.Equal(said[0], alice.Heard.Where(static text => text.StartsWith("one", StringComparison.Ordinal)));
        Assert.Equal(said[1], bob.Heard.Where(static text => text.StartsWith("two", StringComparison.Ordinal)));
        await AssertHeardAsync(alice, said[1], "two");
        await AssertHeardAsync(bob, said[0], "one");

        async Task AssertHeardAsync(Listener listener, List<string> said, string name)
        {
            // What the replica has not had, and its server has not read back, is added to the stream again.
            if (kind == AdapterKind.Streams)
                await listener.HearsAsync(said[^1]);

            var texts = listener.Heard.Where(text => text.StartsWith(name, StringComparison.Ordinal)).ToList();
            AssertPartInOrder(said, kind == AdapterKind.Streams ? texts.Distinct() : texts);
            if (kind == AdapterKind.Streams && isHandedOver)
                Assert.Equal(said, texts.Distinct());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_that_have_gone_back_to_what_a_replica_had_had_lose_nothing_that_was_said_meanwhile(bool idsLieBehind)
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var one = await StartAsync(failover, AdapterKind.Streams);
        await using var two = await StartAsync(failover, AdapterKind.Streams);
        await using var alice = new Listener(await one.Server.ConnectAsync());
        await using var bob = new Listener(await two.Server.ConnectAsync());
        await one.IO.EmitAsync("e", "kept");
        await bob.HearsAsync("kept");
        await failover.CutReplicationAsync();
        if (idsLieBehind)
            await failover.Primary.ExecuteAsync("XADD", Key, "99999999999999-0", "nobody", "knows");

        await one.IO.EmitAsync("e", "lost with the primary");
        await bob.HearsAsync("lost with the primary");
        await failover.FailOverAsync();
        await DisconnectedAsync(one, two);
        await one.IO.EmitAsync("e", "of one");
        await two.IO.EmitAsync("e", "of two");
        failover.Follow();
        await bob.HearsAsync("of one");
        await alice.HearsAsync("of two");

        Assert.Equal(["kept", "lost with the primary", "of one", "of two"], alice.Heard.Distinct());
        Assert.Equal(["kept", "lost with the primary", "of two", "of one"], bob.Heard.Distinct());
    }

    private static async Task<ClusterServer> StartAsync(FailoverRig failover, AdapterKind kind)
    {
        var redis = new RedisClient(failover.Options());
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        // Whoever talks without Redis fills it as fast as this machine can.
        var options = new RedisStreamsAdapterOptions { MaxOutboxCount = 1_000_000, MaxStreamLength = 1_000_000 };
        return await ClusterServer.StartAsync(redis, kind, socketIO => socketIO.Adapter = kind == AdapterKind.Streams ? nsp => new RedisStreamsAdapter(nsp, redis, options) : socketIO.Adapter);
    }

    private static async Task DisconnectedAsync(params ClusterServer[] servers)
    {
        foreach (var server in servers)
            await Eventually.HoldsAsync(() => server.Client.ConnectionCount == 0);
    }
}
