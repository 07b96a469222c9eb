using System.Text;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.Rooms;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>Which nodes live, and how many members they have together.</summary>
public sealed class NodeTalkTests
{
    // No node is taken for dead because this machine is slow, unless a test is about that.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    public static TheoryData<RedisBackplaneMode> Modes => [.. Enum.GetValues<RedisBackplaneMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Members_are_counted_on_all_nodes_until_one_says_that_it_ends(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));


        // Its clock stands still, so that what it says at its end is waited for however slow this machine is. There is nothing that it had to try again, for its connection is there.
        var client = await rig.ConnectAsync();
        var standing = new RedisRoomBackplane(client, Options(mode, static options => options.TimeProvider = new ManualTimeProvider()));
        await using (var three = await RoomNode.StartUnconnectedAsync(standing, client))
        {
            // Whoever is new is told at once who is here, however rarely that is said otherwise.
            RoomNode[] nodes = [one, two, three];
            foreach (var node in nodes)
                await Eventually.HoldsAsync(() => node.Backplane.NodeCount == 3);

            foreach (var node in nodes)
            {
                Assert.Equal(new MemberCount(3, 3, IsPartial: false), await node.Backplane.CountMembersAsync("a"));
                Assert.Equal(new MemberCount(0, 3, IsPartial: false), await node.Backplane.CountMembersAsync("b"));
                Assert.Equal(new MemberCount(3, 3, IsPartial: false), await node.Backplane.CountMembersAsync(null));
            }
        }

        await Eventually.HoldsAsync(() => one.Backplane.NodeCount == 2);
        Assert.Equal(new MemberCount(2, 2, IsPartial: false), await one.Backplane.CountMembersAsync("a"));
    }

    [Fact]
    public async Task A_node_that_lives_and_does_not_answer_is_missing_and_the_answer_says_so()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub, options => options.CountTimeout = TimeSpan.FromMilliseconds(100)));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));
        await Eventually.HoldsAsync(() => one.Backplane.NodeCount == 2);

        // It says that it lives, and nothing else.
        await rig.Server.ExecuteAsync("PUBLISH", "{rawws}:rooms:nodes", (ReadOnlyMemory<byte>)new NodeMessage(NodeMessageKind.Here, NodeId.New()).Write());
        await Eventually.HoldsAsync(() => one.Backplane.NodeCount == 3);

        // The other one answers, if not always in so short a time.
        MemberCount count;
        do
        {
            count = await one.Backplane.CountMembersAsync("a");
            Assert.True(count.IsPartial);
        }
        while (count.Nodes < 2);

        Assert.Equal(new MemberCount(2, 2, IsPartial: true), count);
    }

    [Fact]
    public async Task A_node_that_is_alone_for_want_of_Redis_counts_its_own_and_says_so()
    {
        await using var rig = await RedisRig.StartAsync();
        rig.Network.Refuse();
        await using var node = await RoomNode.StartUnconnectedAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));

        Assert.Equal(new MemberCount(1, 1, IsPartial: true), await node.Backplane.CountMembersAsync("a"));
    }

    [Fact]
    public async Task Nobody_is_counted_before_the_server_has_started()
    {
        await using var backplane = new RedisRoomBackplane(new RedisOptions());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await backplane.CountMembersAsync("a"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_says_first_that_it_lives_when_it_hears_the_others_or_as_late_as_it_would_say_so_again(bool hears)
    {
        await using var redis = new ScriptedClient(static _ => RespValue.Null);
        using var metrics = new BackplaneMetrics(static () => 0, static () => 0);
        using var stopping = new CancellationTokenSource();
        var (time, self) = (new ManualTimeProvider(), NodeId.New());
        var talk = new NodeTalk(self, new NodeChannel(redis, new RedisChannel("nodes"), metrics), null!, new RedisBackplaneOptions { TimeProvider = time }, metrics); // Nobody is counted.

        // Whoever hears of it answers once, which it would not hear yet.
        var talking = talk.RunAsync(stopping.Token);
        Assert.Empty(redis.Published);
        if (hears)
            talk.OnConfirmed();
        else
            time.Advance(TimeSpan.FromSeconds(2));

        await Eventually.HoldsAsync(() => !redis.Published.IsEmpty);
        Assert.True(NodeMessage.TryRead(Assert.Single(redis.Published).Payload.Span, out var said));
        Assert.Equal(new NodeMessage(NodeMessageKind.Here, self), said);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => talking);
    }

    [Fact]
    public void A_node_that_falls_silent_is_taken_for_dead()
    {
        var time = new ManualTimeProvider();
        var (one, other) = (NodeId.New(), NodeId.New());
        var roster = new Roster(time, TimeSpan.FromSeconds(6));
        Assert.True(roster.Hear(one));
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(roster.Hear(other));
        Assert.False(roster.Hear(other));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([one, other], roster.Living);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([other], roster.Living);
        Assert.True(roster.Hear(one));
        roster.Remove(one);
        Assert.Equal([other], roster.Living);
    }

    [Fact]
    public void An_answer_counts_once_for_each_node_and_nobody_waits_for_one_that_has_ended()
    {
        NodeId[] nodes = [NodeId.New(), NodeId.New(), NodeId.New()];
        var count = new PendingCount(nodes[..2]);
        count.Answer(nodes[0], 5);
        count.Answer(nodes[0], 7);
        Assert.Equal((5, 1, false), count.Result);
        Assert.False(count.Complete.IsCompleted);

        // One that was not known yet has something to say as well.
        count.Answer(nodes[2], 1);
        count.Excuse(nodes[1]);
        Assert.Equal((6, 2, true), count.Result);
        Assert.True(count.Complete.IsCompleted);
        Assert.True(new PendingCount([]).Complete.IsCompleted);
    }

    [Fact]
    public void What_nodes_say_is_read_as_it_was_written_and_nothing_else_is()
    {
        var (self, other) = (NodeId.New(), NodeId.New());
        NodeMessage[] messages =
        [
            new(NodeMessageKind.Here, self),
            new(NodeMessageKind.Gone, self),
            new(NodeMessageKind.Question, self, 7, "räum"),
            new(NodeMessageKind.Question, self, ulong.MaxValue),
            new(NodeMessageKind.Answer, self, 7, null, other, 3),
        ];
        foreach (var message in messages)
        {
            var written = message.Write();
            Assert.True(NodeMessage.TryRead(written, out var read));
            Assert.Equal(message, read);

            // A name may be shorter.
            var least = message.Room is null ? written.Length : written.Length - Encoding.UTF8.GetByteCount(message.Room) + 1;
            Assert.All(Enumerable.Range(0, least), length => Assert.False(NodeMessage.TryRead(written.AsSpan(0, length), out _)));
        }

        Assert.False(NodeMessage.TryRead([.. messages[0].Write(), 0], out _));
        Assert.False(NodeMessage.TryRead([.. messages[3].Write(), 0], out _));
        Assert.False(NodeMessage.TryRead([.. messages[4].Write()[..^4], 255, 255, 255, 255], out _));
        Assert.False(NodeMessage.TryRead("RN\u0002"u8, out _));
    }

    private static RedisBackplaneOptions Options(RedisBackplaneMode mode, Action<RedisBackplaneOptions>? configure = null)
        => RedisRoomBackplaneTests.Options(mode, options =>
        {
            (options.HeartbeatInterval, options.CountTimeout) = (Long, Long);
            configure?.Invoke(options);
        });
}
