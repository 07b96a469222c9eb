using RawWs.Redis.Tests.Servers;
using RawWs.Testing;
using static RawWs.Redis.Tests.Rooms.RedisRoomBackplaneTests;
using static RawWs.Redis.Tests.Rooms.RoomTalk;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>
/// What becomes of rooms when Redis, or the way to it, fails. In all of them members on the node of whoever speaks hear everything, at once (<see cref="RoomNode.Say"/>). docs/scale-out.md has each of these
/// by its name.
/// </summary>
public sealed partial class FaultTests
{
    private const string Key = "{rawws}:rooms";
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    public static TheoryData<RedisBackplaneMode> Modes => [.. Enum.GetValues<RedisBackplaneMode>()];

    [Fact]
    public async Task Channels_say_that_something_may_be_missing_when_Redis_was_killed_and_go_on()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));
        one.Say("before");
        await two.HearsAsync("before");

        await rig.Server.KillAsync();
        await DisconnectedAsync(one, two);
        one.Say("meanwhile");
        await rig.Server.StartAgainAsync();
        await ConnectedAsync(one, two);
        one.Say("behind");
        await two.HearsAsync("behind");

        // What waited was sent as soon as the sender could, which may have been before the receiver could hear.
        Assert.Equal(["before", RoomNode.Lost, "behind"], two.Heard.Where(text => text != "meanwhile"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Whoever_talks_while_Redis_is_killed_is_heard_at_home_and_elsewhere_what_is_missing_is_told(RedisBackplaneMode mode)
    {
        const int Count = 200;
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        using var stopping = new CancellationTokenSource();
        var talking = Task.WhenAll(TalkAsync(one, "one", stopping.Token), TalkAsync(two, "two", stopping.Token));
        await one.HearsAsync($"two {Count}");
        await two.HearsAsync($"one {Count}");

        // In the middle of what both say, and they go on.
        await rig.Server.KillAsync();
        await DisconnectedAsync(one, two);
        var (heardByOne, heardByTwo) = (one.Heard.Length, two.Heard.Length);
        await Eventually.HoldsAsync(() => one.Heard.Length >= heardByOne + Count && two.Heard.Length >= heardByTwo + Count);
        await rig.Server.StartAgainAsync();
        await ConnectedAsync(one, two);
        await stopping.CancelAsync();
        var said = await talking;

        await SayUntilHeardAsync(one, two, said[0], "one behind");
        await SayUntilHeardAsync(two, one, said[1], "two behind");
        Assert.Equal(said[0], one.Heard.Where(said[0].Contains));
        Assert.Equal(said[1], two.Heard.Where(said[1].Contains));

        // A stream that is gone is a gap too.
        AssertHeardOrTold(RedisBackplaneMode.PubSub, two, [.. said[0]]);
        AssertHeardOrTold(RedisBackplaneMode.PubSub, one, [.. said[1]]);
    }

    [Theory]
    [InlineData(RedisBackplaneMode.PubSub, "CLIENT", "PAUSE", "300", "ALL")]
    [InlineData(RedisBackplaneMode.Streams, "CLIENT", "PAUSE", "300", "ALL")]
    [InlineData(RedisBackplaneMode.PubSub, "DEBUG", "SLEEP", "0.3")]
    [InlineData(RedisBackplaneMode.Streams, "DEBUG", "SLEEP", "0.3")]
    public async Task Nothing_is_lost_while_Redis_stands_still(RedisBackplaneMode mode, string command, params string[] arguments)
    {
        await using var rig = await RedisRig.StartAsync("--enable-debug-command", "yes");
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        one.Say("before");
        await two.HearsAsync("before");

        var standing = rig.Server.ExecuteAsync(command, [.. arguments.Select(argument => (RedisArgument)argument)]);
        one.Say("meanwhile");
        await standing;
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["before", "meanwhile", "behind"], two.Heard);
        Assert.Equal(4, rig.Network.ConnectionCount);
    }

    [Fact]
    public async Task Channels_do_not_mind_FLUSHALL()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));

        one.Say("before");
        await rig.Server.ExecuteAsync("FLUSHALL");
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["before", "behind"], two.Heard);
    }

    [Theory]
    [InlineData(RedisBackplaneMode.Streams, "normal")]
    [InlineData(RedisBackplaneMode.Streams, "pubsub")]
    [InlineData(RedisBackplaneMode.PubSub, "normal")]
    public async Task Nothing_is_lost_when_CLIENT_KILL_ends_connections_that_others_can_make_up_for(RedisBackplaneMode mode, string type)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        for (var round = 0; round < 5; round++)
        {
            // Both have come back from the last time.
            await WaitUntilAsync(async () => (await rig.Server.ExecuteAsync("CLIENT", "LIST", "TYPE", type)).ToText()!.Split(" name=rawws ").Length == 3);
            one.Say($"{round} before");
            Assert.InRange((await rig.Server.ExecuteAsync("CLIENT", "KILL", "TYPE", type)).ToInteger(), 1, 2);
            one.Say($"{round} meanwhile");
            await ConnectedAsync(one, two);
            one.Say($"{round} behind");
            await two.HearsAsync($"{round} behind");
        }

        Assert.Equal(one.Heard, two.Heard);
        Assert.Equal(15, two.Heard.Length);
    }

    [Fact]
    public async Task Channels_say_that_something_may_be_missing_after_CLIENT_KILL_of_a_subscription()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));
        one.Say("before");
        await two.HearsAsync("before");

        Assert.Equal(2, (await rig.Server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub")).ToInteger());
        await two.HearsAsync(RoomNode.Lost);
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["before", RoomNode.Lost, "behind"], two.Heard);
    }

    [Fact]
    public async Task Channels_say_what_they_lost_when_Redis_drops_a_subscriber_that_reads_too_slowly()
    {
        await using var rig = await RedisRig.StartAsync("--client-output-buffer-limit", "pubsub", "65536", "0", "0");
        await using var slow = new ToxicProxy(rig.Server.EndPoint);
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.PubSub));
        await using var two = await RoomNode.StartAsync(rig.Options(options => (options.Port, options.ClientName) = (slow.Port, "slow")), Options(RedisBackplaneMode.PubSub));
        one.Say("before");
        await two.HearsAsync("before");

        // Until it is this one that was dropped: on a busy machine it may happen to the other, too, and does not matter.
        slow.Stall();
        var large = new string('x', 20_000);
        var said = new List<string> { "before" };
        for (var number = 0; (await rig.Server.ExecuteAsync("CLIENT", "LIST", "TYPE", "pubsub")).ToText()!.Contains(" name=slow ", StringComparison.Ordinal); number++)
        {
            said.Add($"{number} {large}");
            one.Say(said[^1]);
        }

        slow.Resume();
        await two.HearsAsync(RoomNode.Lost);
        await SayUntilHeardAsync(one, two, said);

        // What had passed already is heard, in its order, and then it is told; what comes behind may have been said meanwhile.
        AssertHeardOrTold(RedisBackplaneMode.PubSub, two, [.. said]);
        Assert.True(two.Heard.Count(text => text != RoomNode.Lost) < said.Count);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_cut_that_nobody_is_told_of_is_found_and_what_is_missing_is_told(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var cut = new ToxicProxy(rig.Server.EndPoint);
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(
            rig.Options(options => (options.Port, options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (cut.Port, Soon, Soon, Soon)), Options(mode));
        one.Say("before");
        await two.HearsAsync("before");

        cut.Stall();
        one.Say("meanwhile");
        await DisconnectedAsync(two);
        two.Say("there");
        cut.Resume();
        var said = new List<string> { "before", "meanwhile" };
        await SayUntilHeardAsync(one, two, said);
        await one.HearsAsync("there");

        AssertHeardOrTold(mode, two, [.. said]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Connections_that_are_reset_come_back_and_what_is_missing_is_told(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));
        var said = new List<string>();
        for (var round = 0; round < 10; round++)
        {
            string[] texts = [.. Enumerable.Range(0, 50).Select(number => $"{round} {number}")];
            one.Say(texts);
            said.AddRange(texts);
            rig.Network.Reset();
        }

        // In the middle of what was said: nobody knows what had passed, and it comes once, or it is told.
        await SayUntilHeardAsync(one, two, said);

        AssertHeardOrTold(mode, two, [.. said]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_does_not_fit_while_Redis_is_not_there_is_lost_to_others_and_they_are_told(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var other = new ToxicProxy(rig.Server.EndPoint);
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode, options => options.MaxOutboxCount = 10));
        await using var two = await RoomNode.StartAsync(rig.Options(options => options.Port = other.Port), Options(mode));

        rig.Network.Refuse();
        await DisconnectedAsync(one);
        string[] texts = [.. Enumerable.Range(0, 20).Select(number => $"{number}")];
        one.Say(texts);
        rig.Network.Resume();
        await two.HearsAsync(RoomNode.Lost);
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal([.. texts[..10], RoomNode.Lost, "behind"], two.Heard);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_node_that_starts_without_Redis_serves_and_joins_the_others_later(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var cut = new ToxicProxy(rig.Server.EndPoint);
        cut.Refuse();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartUnconnectedAsync(rig.Options(options => options.Port = cut.Port), Options(mode, options => options.PollInterval = TimeSpan.FromMilliseconds(50)));

        two.Say("alone");
        Assert.False(two.Backplane.IsConnected);
        cut.Resume();
        await ConnectedAsync(two);
        await one.HearsAsync("alone");
        one.Say("together");
        await two.HearsAsync("together");

        Assert.Equal(["alone", "together"], two.Heard);
    }

    [Theory]
    [InlineData(RedisBackplaneMode.PubSub, "-publish")]
    [InlineData(RedisBackplaneMode.Streams, "-xadd")]
    public async Task What_Redis_refuses_for_good_stays_on_its_node_and_is_logged(RedisBackplaneMode mode, string permission)
    {
        await using var rig = await RedisRig.StartAsync("--user", "default", "on", "nopass", "~*", "&*", "+@all", permission);
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode, options => options.LoggerFactory = rig.Log));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(mode));

        one.Say("1", "2", "3");
        await Eventually.HoldsAsync(() => rig.Log.AboveDebug.Any(line => line.Contains("Redis refuses broadcasts for other nodes: NOPERM", StringComparison.Ordinal)));

        Assert.Equal(["1", "2", "3"], one.Heard);
        Assert.Empty(two.Heard);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Who_may_not_subscribe_any_more_hears_the_others_when_it_may_again_and_what_may_be_missing_is_told(RedisBackplaneMode mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await PermitAsync("on", ">pw", "~*", "+@all", "&*");
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await RoomNode.StartAsync(
            rig.Options(static options => (options.User, options.Password) = ("two", "pw")), Options(mode, static options => options.PollInterval = TimeSpan.FromMilliseconds(50)));
        await using var witness = await RoomNode.StartAsync(rig.Options(), Options(mode));
        one.Say("before");
        await two.HearsAsync("before");

        // Redis ends the connection of who has subscribed to what it may not any more, and leaves the next one alone.
        await PermitAsync("resetchannels", "&other");
        await Eventually.HoldsAsync(() => !two.Backplane.IsConnected && rig.Log.AboveDebug.Any(static line => line.Contains("Redis refuses the subscription to {rawws}:rooms", StringComparison.Ordinal)));
        one.Say("meanwhile");
        await witness.HearsAsync("meanwhile");
        await PermitAsync("&{rawws}:rooms*");
        await ConnectedAsync(two);
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(mode == RedisBackplaneMode.Streams ? ["before", "meanwhile", "behind"] : ["before", RoomNode.Lost, "behind"], two.Heard);

        async Task PermitAsync(params string[] rules)
            => Assert.Equal("OK", (await rig.Server.ExecuteAsync("ACL", ["SETUSER", "two", .. rules.Select(static rule => (RedisArgument)rule)])).ToText());
    }
}
