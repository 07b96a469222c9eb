using RawWs.Redis.Rooms;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>Who is in rooms on other nodes, over a real Redis.</summary>
public sealed class PresenceTests
{
    private const string Channel = "{rawws}:rooms:presence", Nodes = "{rawws}:rooms:nodes";

    // No node is taken for dead because this machine is slow, unless a test is about that.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    public static TheoryData<RedisBackplaneMode> Modes => [.. Enum.GetValues<RedisBackplaneMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Who_joins_and_leaves_on_one_node_is_told_on_all_once_and_in_order(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options(mode));
        await using (var three = await PresenceNode.StartAsync(rig.Options(), Options(mode)))
        {
            one.Join(1, "Ada");
            await two.SeesAsync("Ada");
            await three.SeesAsync("Ada");
            two.Join(1, "Bob");
            three.Join(1, "Cy");
            three.Join(2, null, room: "b");
            await one.SeesAsync("Bob", "Cy");
            Assert.Equal([two.Backplane.Node, three.Backplane.Node], one.Backplane.ReadPresence("a").OrderBy(member => member.Info).Select(member => member.Node));
            await Eventually.HoldsAsync(() => one.Backplane.ReadPresence("b") is [{ ConnectionId: 2, Info: null }]);

            one.Leave(1);
            await two.SeesAsync("Cy");
            Assert.Equal(["+Ada", "-Ada"], two.Told.Where(told => told.EndsWith("Ada", StringComparison.Ordinal)));

            // Somebody about whom something else is said is no newcomer.
            two.Join(1, "Robert");
            await one.SeesAsync("Cy", "Robert");
        }

        // A node that ends in good order says so: nobody waits for three of its heartbeats.
        await one.SeesAsync("Robert");
        Assert.Empty(one.Backplane.ReadPresence("b"));
        await Eventually.HoldsAsync(() => one.Told.Contains("-Cy"));
        Assert.Equal(["+", "+Bob", "+Cy", "-", "-Cy"], one.Told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Whoever_is_new_is_told_who_is_there_already()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var witness = await PresenceNode.StartAsync(rig.Options(), Options());
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options());
        one.Join(1, "Ada");
        one.Join(2, "Bob");
        one.Leave(1);

        // Until it has been said, it is news for whoever is new, too.
        await witness.SeesAsync("Bob");
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options());

        await two.SeesAsync("Bob");
        one.Join(3, "Cy");
        await two.SeesAsync("Bob", "Cy");
        await Eventually.HoldsAsync(() => two.Told.Length == 2);
        Assert.Equal(["+Bob", "+Cy"], two.Told);
    }

    [Fact]
    public async Task Those_of_a_node_that_falls_silent_have_left_and_come_back_with_it()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var cable = new ToxicProxy(rig.Server.EndPoint);
        var cut = RedisOptions.Parse(cable.Address);
        (cut.MinReconnectDelay, cut.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50));
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200)));
        await using var two = await PresenceNode.StartAsync(cut, Options(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200)));
        one.Join(1, "Ada");
        two.Join(1, "Bob");
        two.Join(2, "Cy");
        await one.SeesAsync("Bob", "Cy");
        await two.SeesAsync("Ada");

        cable.Refuse();
        await one.SeesAsync();
        await two.SeesAsync();

        two.Leave(2);
        two.Join(3, "Dan");
        cable.Resume();
        await one.SeesAsync("Bob", "Dan");
        await two.SeesAsync("Ada");
    }

    [Fact]
    public async Task What_changed_while_Redis_was_gone_is_known_when_it_is_back_and_who_stayed_has_never_left()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options());
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options());
        one.Join(1, "Ada");
        one.Join(2, "Bob");
        await two.SeesAsync("Ada", "Bob");

        await rig.Server.KillAsync();
        await Eventually.HoldsAsync(() => !one.Backplane.IsConnected && !two.Backplane.IsConnected);
        one.Leave(2);
        one.Join(3, "Cy");
        Assert.Equal(["Ada", "Bob"], two.Elsewhere());

        await rig.Server.StartAgainAsync();
        await two.SeesAsync("Ada", "Cy");
        await Eventually.HoldsAsync(() => two.Told.Length == 4);
        Assert.Equal(["+Ada", "+Bob", "-Bob", "+Cy"], two.Told);
    }

    [Fact]
    public async Task A_crowd_that_comes_at_once_is_known_in_the_end_whatever_was_dropped_on_the_way()
    {
        const int Count = 20_000;
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options());
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options());

        // More than what may wait: nobody takes it meanwhile.
        rig.Network.Stall();
        for (var id = 0; id < Count; id++)
            one.Join(id, $"{id:d5}");

        rig.Network.Resume();
        await Eventually.HoldsAsync(() => two.Backplane.ReadPresence("a").Count == Count);
        Assert.Equal(Enumerable.Range(0, Count).Select(id => $"{id:d5}"), two.Elsewhere());
    }

    [Fact]
    public async Task A_room_of_a_hundred_thousand_is_told_in_parts_and_a_question_names_as_many_as_were_asked_for()
    {
        const int Count = 50_000;
        await using var rig = await RedisRig.StartAsync();
        await using var listener = await rig.ConnectAsync();
        var recorded = new SizeRecorder();
        await using var subscription = listener.Subscribe(new RedisChannel(Channel), recorded);
        await Eventually.HoldsAsync(() => subscription.IsConfirmed);
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options());
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options());
        for (var id = 0; id < Count; id++)
        {
            one.JoinUnshared(id, $"one {id}", "crowd");
            two.JoinUnshared(id, $"two {id}", "crowd");
        }

        var some = await one.FetchAsync(nodes: 2, "crowd");
        Assert.Equal((1_000, 2 * Count), (some.Members.Count, some.Count));

        var all = await one.FetchAsync(nodes: 2, "crowd", maxCount: 100_000);
        Assert.Equal((2 * Count, 2 * Count), (all.Members.Count, all.Count));
        Assert.Equal(Count, all.Members.Where(member => member.Node is null).Select(member => member.Info).Distinct().Count());
        Assert.Equal(Count, all.Members.Where(member => member.Node == two.Backplane.Node).Select(member => member.Info).Distinct().Count());
        Assert.InRange(recorded.Largest, 1_000, PresenceWriter.PageSize + 100);
    }

    [Fact]
    public async Task No_more_are_kept_than_there_is_room_for_and_it_is_logged()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options());
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options(configure: options => (options.MaxPresenceCount, options.LoggerFactory) = (10, rig.Log)));
        for (var id = 0; id < 25; id++)
            one.Join(id, $"{id:d2}");

        await Eventually.HoldsAsync(() => two.Elsewhere().Length == 10 && rig.Log.Entries.Any(entry => entry.Message.Contains("More than 10 members", StringComparison.Ordinal)));
        Assert.Equal(25, (await two.FetchAsync(nodes: 2)).Count);
    }

    [Fact]
    public async Task Those_for_whom_there_was_no_room_are_known_when_others_have_gone()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options(configure: static options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200)));
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options(configure: static options => (options.HeartbeatInterval, options.MaxPresenceCount) = (TimeSpan.FromMilliseconds(200), 10)));
        for (var id = 0; id < 25; id++)
            one.Join(id, $"{id:d2}");

        await Eventually.HoldsAsync(() => two.Elsewhere().Length == 10);
        for (var id = 0; id < 20; id++)
            one.Leave(id);

        await two.SeesAsync("20", "21", "22", "23", "24");
    }

    [Fact]
    public async Task A_node_that_lives_and_does_not_answer_is_missing_and_the_answer_says_so()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options(configure: options => options.CountTimeout = TimeSpan.FromMilliseconds(100)));
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options());
        one.Join(1, "Ada");
        two.Join(1, "Bob");
        await one.FetchAsync(nodes: 2);

        // It says that it lives, and nothing else.
        await PublishAsync(rig, PresenceWriter.Here(NodeId.New(), number: 0, isAsking: false));
        MemberList list;
        do
        {
            // The other one answers, if not always in so short a time, and the silent one may not have been heard yet.
            list = await one.Backplane.FetchMembersAsync("a");
        }
        while (list.Nodes < 2 || !list.IsPartial);

        Assert.Equal((2, 2), (list.Count, list.Nodes));
        Assert.Equal(["Ada", "Bob"], list.Members.Select(member => member.Info));
    }

    [Fact]
    public async Task A_node_of_an_earlier_version_is_missing_and_not_waited_for()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options());
        one.Join(1, "Ada");

        // It is not subscribed to what is said about members, and says nothing there.
        await rig.Server.ExecuteAsync("PUBLISH", Nodes, (ReadOnlyMemory<byte>)new NodeMessage(NodeMessageKind.Here, NodeId.New()).Write());
        await Eventually.HoldsAsync(() => one.Backplane.NodeCount == 2);

        var list = await one.Backplane.FetchMembersAsync("a");
        Assert.Equal((1, 1, true), (list.Count, list.Nodes, list.IsPartial));
    }

    [Fact]
    public async Task A_node_that_is_alone_for_want_of_Redis_names_its_own_and_says_so()
    {
        await using var rig = await RedisRig.StartAsync();
        rig.Network.Refuse();
        await using var node = await PresenceNode.StartUnconnectedAsync(rig.Options(), Options());
        node.Join(1, "Ada");

        var list = await node.Backplane.FetchMembersAsync("a");
        Assert.Equal((1, 1, true), (list.Count, list.Nodes, list.IsPartial));
        Assert.Equal([new RoomMember(1, "Ada")], list.Members);
    }

    [Fact]
    public async Task Nobody_is_asked_before_the_server_has_started_or_for_nothing()
    {
        await using var backplane = new RedisRoomBackplane(new RedisOptions());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await backplane.FetchMembersAsync("a"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await backplane.FetchMembersAsync(""));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await backplane.FetchMembersAsync("a", 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await backplane.FetchMembersAsync("a", 100_001));

        // The name would be another one elsewhere.
        Assert.ThrowsAny<ArgumentException>(() => PresenceWriter.Question(NodeId.New(), 1, 1, "half \ud800"));
        Assert.Throws<ArgumentException>(() => backplane.PublishPresence(new string('x', 4_097), new RoomMember(1, null), hasJoined: true));
        Assert.ThrowsAny<ArgumentException>(() => backplane.PublishPresence("half \ud800", new RoomMember(1, null), hasJoined: true));
    }

    [Fact]
    public async Task What_is_no_message_of_a_node_is_ignored_and_nodes_go_on()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options());
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options());
        var liar = NodeId.New();
        var member = PresenceWriter.Change("a", new RoomMember(1, "Mallory"), hasJoined: true);
        byte[][] bodies =
        [
            [], "nonsense"u8.ToArray(), [.. PresenceWriter.Gone(liar), 0],
            [.. PresenceWriter.Changes(liar, 1, [member]).Single(), 255],

            // Changes behind a gap, and parts of everybody that come without a beginning, or in another order.
            PresenceWriter.Changes(liar, 9, [member]).Single(),
            .. PresenceWriter.Pages(liar, 5, [.. Enumerable.Repeat(member, 10_000)]).Reverse(),
        ];
        foreach (var body in bodies)
            await PublishAsync(rig, body);

        one.Join(1, "Ada");
        await two.SeesAsync("Ada");
        Assert.Equal(["+Ada"], two.Told);
    }

    private static Task<RespValue> PublishAsync(RedisRig rig, byte[] body) => rig.Server.ExecuteAsync("PUBLISH", Channel, (ReadOnlyMemory<byte>)body);

    private static RedisBackplaneOptions Options(RedisBackplaneMode mode = RedisBackplaneMode.PubSub, Action<RedisBackplaneOptions>? configure = null)
        => RedisRoomBackplaneTests.Options(mode, options =>
        {
            (options.HeartbeatInterval, options.CountTimeout) = (Long, Long);
            configure?.Invoke(options);
        });

    private sealed class SizeRecorder : RedisSubscriber
    {
        private int _largest;

        public int Largest => Volatile.Read(ref _largest);

        public override void OnMessage(RedisMessage message) => Volatile.Write(ref _largest, Math.Max(_largest, message.Payload.Length));
    }
}
