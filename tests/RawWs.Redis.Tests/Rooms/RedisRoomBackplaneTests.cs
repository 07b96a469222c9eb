using System.Text;
using RawWs.Redis.Rooms;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>Rooms of several nodes over a real Redis, in peace.</summary>
public sealed class RedisRoomBackplaneTests
{
    public static TheoryData<RedisBackplaneMode> Modes => [.. Enum.GetValues<RedisBackplaneMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_is_said_on_one_node_is_heard_once_on_all_in_the_order_of_each_sender(RedisBackplaneMode mode)
    {
        const int Count = 500;
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(options => options.PreferResp3 = false), Options(mode));
        await using var three = await RoomNode.StartAsync(rig.Options(), Options(mode));
        RoomNode[] nodes = [one, two, three];

        await Task.WhenAll(nodes.Select((node, number) => Task.Run(() => node.Say([.. Enumerable.Range(0, Count).Select(count => $"{number} {count}")]))));
        foreach (var node in nodes)
            await Eventually.HoldsAsync(() => node.Heard.Length == nodes.Length * Count);

        foreach (var node in nodes)
        {
            foreach (var ofOne in node.Heard.GroupBy(text => text[0]))
                Assert.Equal(Enumerable.Range(0, Count).Select(count => $"{ofOne.Key} {count}"), ofOne);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Rooms_exceptions_and_what_a_message_is_are_the_same_on_other_nodes(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        var member = Assert.Single(two.Rooms["a"].Members);
        two.Rooms["muted"].Join(member);

        one.Rooms["b"].Broadcast("not here");
        one.Rooms["a"].Except(one.Rooms["muted"]).Broadcast("not for the muted");
        one.Rooms["a"].OnThisNode.Broadcast("not elsewhere");
        one.Rooms["a", "b"].Broadcast("in two rooms, once");
        one.Rooms["muted"].Broadcast("in one that nobody is in here");
        one.Say("end");
        await two.HearsAsync("end");

        Assert.Equal(["in two rooms, once", "in one that nobody is in here", "end"], two.Heard);

        // A history has what came from elsewhere.
        two.Rooms["b"].Join(member);
        await two.HearsAsync("not here");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Nodes_of_another_name_are_not_heard(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var other = await RoomNode.StartAsync(rig.Options(), Options(mode, options => options.Name = "other"));

        other.Say("elsewhere");
        one.Say("here");
        await two.HearsAsync("here");

        Assert.Equal(["here"], two.Heard);
        Assert.Equal(["elsewhere"], other.Heard);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_is_no_message_of_a_node_is_ignored_and_what_comes_twice_as_well(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var node = await RoomNode.StartAsync(rig.Options(), Options(mode));
        var written = Envelope.Write(NodeId.New(), new RoomPublication { Rooms = ["a"], Message = "foreign, but well-formed" });
        Envelope.SetSequence(written, 1);

        foreach (var payload in (byte[][])[[], Encoding.UTF8.GetBytes("nonsense"), [.. written, 255], written[..30], written, written])
            await PublishAsync(rig, mode, payload);

        if (mode == RedisBackplaneMode.Streams)
            await rig.Server.ExecuteAsync("XADD", "{rawws}:rooms", "*", "other", "x", "p", "y");

        Envelope.SetSequence(written, 2);
        await PublishAsync(rig, mode, written);
        await Eventually.HoldsAsync(() => node.Heard.Length == 2);

        Assert.Equal(["foreign, but well-formed", "foreign, but well-formed"], node.Heard);
        Assert.DoesNotContain(node.Log.Entries, entry => entry.Error is not null);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_number_that_is_missing_is_told_where_it_is_missing(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var node = await RoomNode.StartAsync(rig.Options(), Options(mode));
        foreach (var number in (ulong[])[1, 2, 4])
        {
            var written = Envelope.Write(new NodeId(1), new RoomPublication { Rooms = ["a"], Message = $"{number}" });
            Envelope.SetSequence(written, number);
            await PublishAsync(rig, mode, written);
        }

        await node.HearsAsync("4");
        Assert.Equal(["1", "2", RoomNode.Lost, "4"], node.Heard);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_is_too_large_for_others_stays_here_and_they_know(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode, options => options.MaxPublicationSize = 1_000));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));

        one.Say("before", new string('x', 1_000));
        await two.HearsAsync(RoomNode.Lost);

        Assert.Equal(["before", RoomNode.Lost], two.Heard);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_was_said_last_before_a_node_stops_is_still_sent(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using (var one = await RoomNode.StartAsync(rig.Options(), Options(mode)))
            one.Say([.. Enumerable.Range(0, 100).Select(number => $"{number}")]);

        await Eventually.HoldsAsync(() => two.Heard.Length == 100);
    }

    [Theory]
    [InlineData(RedisBackplaneMode.PubSub, "")]
    [InlineData(RedisBackplaneMode.Streams, "+xadd +xrange +xrevrange")]
    public async Task The_permissions_that_are_described_are_enough(RedisBackplaneMode mode, string more)
    {
        string[] permissions = ["+publish", "+subscribe", "+unsubscribe", .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries), "+hello", "+auth", "+ping", "+select", "+client|setname"];
        await using var rig = await RedisRig.StartAsync(["--user", "node", "on", ">secret", "~{rawws}:rooms", "&{rawws}:rooms*", "-@all", .. permissions]);
        foreach (var preferResp3 in (bool[])[true, false])
        {
            var redis = rig.Options(options => (options.User, options.Password, options.Database, options.PreferResp3) = ("node", "secret", 1, preferResp3));
            await using var one = await RoomNode.StartAsync(redis, Options(mode));
            await using var two = await RoomNode.StartAsync(redis, Options(mode));

            one.Say("permitted");
            await two.HearsAsync("permitted");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Another_client_will_do_as_well(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var client = new WrappedClient(await rig.ConnectAsync());
        await using var one = await RoomNode.StartUnconnectedAsync(new RedisRoomBackplane(client, Options(mode)));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await Eventually.HoldsAsync(() => one.Backplane.IsConnected);
        string[] texts = [.. Enumerable.Range(0, 100).Select(number => $"{number}")];

        one.Say(texts);
        await two.HearsAsync("99");
        two.Say("answer");
        await one.HearsAsync("answer");
        await two.HearsAsync("answer");

        Assert.Equal([.. texts, "answer"], two.Heard);
    }

    [Fact]
    public async Task A_client_that_others_use_too_outlives_the_backplane()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = await rig.ConnectAsync();
        await using (var backplane = new RedisRoomBackplane(redis))
            Assert.False(backplane.IsConnected);

        Assert.Equal("PONG", (await redis.ExecuteAsync(new RedisCommand("PING"))).ToText());
    }

    [Fact]
    public async Task A_stream_stays_about_as_long_as_it_is_told_to()
    {
        await using var rig = await RedisRig.StartAsync("--stream-node-max-entries", "10");
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams, options => options.MaxStreamLength = 50));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));

        one.Say([.. Enumerable.Range(0, 1_000).Select(number => $"{number}")]);
        await two.HearsAsync("999");

        Assert.InRange((await rig.Server.ExecuteAsync("XLEN", "{rawws}:rooms")).ToInteger(), 50, 70);
    }

    internal static RedisBackplaneOptions Options(RedisBackplaneMode mode, Action<RedisBackplaneOptions>? configure = null)
    {
        var options = new RedisBackplaneOptions { Mode = mode };
        configure?.Invoke(options);
        return options;
    }

    private static Task<RespValue> PublishAsync(RedisRig rig, RedisBackplaneMode mode, byte[] payload)
        => mode switch
        {
            RedisBackplaneMode.PubSub => rig.Server.ExecuteAsync("PUBLISH", "{rawws}:rooms", (ReadOnlyMemory<byte>)payload),
            RedisBackplaneMode.Sharded => rig.Server.ExecuteAsync("SPUBLISH", "{rawws}:rooms", (ReadOnlyMemory<byte>)payload),
            _ => rig.Server.ExecuteAsync("XADD", "{rawws}:rooms", "*", "p", (ReadOnlyMemory<byte>)payload),
        };
}
