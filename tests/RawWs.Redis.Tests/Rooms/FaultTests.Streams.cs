using RawWs.Redis.Tests.Servers;
using static RawWs.Redis.Tests.Rooms.RedisRoomBackplaneTests;
using static RawWs.Redis.Tests.Rooms.RoomTalk;

namespace RawWs.Redis.Tests.Rooms;

// What only a stream can do, because it keeps what was said: catch up, and know what was trimmed or forgotten.
public sealed partial class FaultTests
{
    [Fact]
    public async Task Streams_say_what_Redis_forgot_when_it_was_killed_and_lose_nothing_that_was_said_meanwhile()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        one.Say("before");
        await two.HearsAsync("before");

        await rig.Server.KillAsync();
        await DisconnectedAsync(one, two);
        one.Say("meanwhile");
        await rig.Server.StartAgainAsync();
        await ConnectedAsync(one, two);
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["before", RoomNode.Lost, "meanwhile", "behind"], two.Heard);
    }

    [Fact]
    public async Task Streams_say_that_something_may_be_missing_after_FLUSHALL_and_go_on()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        one.Say("before");
        await two.HearsAsync("before");

        await rig.Server.ExecuteAsync("FLUSHALL");
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["before", RoomNode.Lost, "behind"], two.Heard);
    }

    [Fact]
    public async Task Streams_that_begin_anew_with_an_id_that_was_read_are_not_taken_for_what_they_were()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams, options => options.PollInterval = TimeSpan.FromMinutes(1)));

        // Behind an entry of a time to come, Redis counts on: both are its second.
        foreach (var text in (string[])["before", "behind"])
        {
            await rig.Server.ExecuteAsync("FLUSHALL");
            await rig.Server.ExecuteAsync("XADD", Key, "99999999999999-0", "p", "nonsense");
            one.Say(text);
            await two.HearsAsync(text);
        }

        Assert.Equal(["before", RoomNode.Lost, "behind"], two.Heard);
    }

    [Fact]
    public async Task Streams_that_begin_anew_with_a_clock_that_is_behind_are_read_from_their_beginning()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams, options => options.PollInterval = TimeSpan.FromMilliseconds(50)));

        // The newest entry is of a time to come, and then there is none.
        await rig.Server.ExecuteAsync("XADD", Key, "99999999999999-0", "p", "nonsense");
        one.Say("before");
        await two.HearsAsync("before");
        await rig.Server.ExecuteAsync("FLUSHALL");
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["before", RoomNode.Lost, "behind"], two.Heard);
    }

    [Fact]
    public async Task Streams_lose_nothing_when_a_node_reads_too_slowly()
    {
        await using var rig = await RedisRig.StartAsync("--client-output-buffer-limit", "pubsub", "65536", "0", "0");
        await using var slow = new ToxicProxy(rig.Server.EndPoint);
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(options => options.Port = slow.Port), Options(RedisBackplaneMode.Streams));

        slow.Stall();
        var large = new string('x', 20_000);
        one.Say([.. Enumerable.Range(0, 500).Select(number => $"{number} {large}")]);
        await WaitUntilAsync(async () => (await rig.Server.ExecuteAsync("XLEN", Key)).ToInteger() == 500);
        slow.Resume();
        await two.HearsAsync($"499 {large}");

        Assert.Equal(one.Heard, two.Heard);
    }

    [Fact]
    public async Task Streams_that_were_trimmed_beyond_what_a_node_had_read_say_so()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var cut = new ToxicProxy(rig.Server.EndPoint);
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(options => options.Port = cut.Port), Options(RedisBackplaneMode.Streams));
        one.Say("before");
        await two.HearsAsync("before");

        cut.Refuse();
        await DisconnectedAsync(two);
        one.Say("1", "2", "3");
        await WaitUntilAsync(async () => (await rig.Server.ExecuteAsync("XLEN", Key)).ToInteger() == 4);
        await rig.Server.ExecuteAsync("XTRIM", Key, "MAXLEN", 1);
        cut.Resume();
        await two.HearsAsync("3");

        Assert.Equal(["before", RoomNode.Lost, "3"], two.Heard);
    }

    [Fact]
    public async Task Streams_that_were_trimmed_before_a_node_had_read_anything_say_so()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var cut = new ToxicProxy(rig.Server.EndPoint);
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(options => options.Port = cut.Port), Options(RedisBackplaneMode.Streams));

        cut.Refuse();
        await DisconnectedAsync(two);
        one.Say("1", "2", "3");
        await WaitUntilAsync(async () => (await rig.Server.ExecuteAsync("XLEN", Key)).ToInteger() == 3);
        await rig.Server.ExecuteAsync("XTRIM", Key, "MAXLEN", 1);
        cut.Resume();
        await two.HearsAsync("3");

        Assert.Equal([RoomNode.Lost, "3"], two.Heard);
    }

    [Fact]
    public async Task Streams_wait_while_Redis_has_no_memory_for_them()
    {
        await using var rig = await RedisRig.StartAsync("--maxmemory-policy", "noeviction");
        await using var one = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(rig.Options(), Options(RedisBackplaneMode.Streams));

        await rig.Server.ExecuteAsync("CONFIG", "SET", "maxmemory", 1);
        one.Say("meanwhile");
        await WaitUntilAsync(async () => (await rig.Server.ExecuteAsync("INFO", "errorstats")).ToText()!.Contains("errorstat_OOM", StringComparison.Ordinal));
        await rig.Server.ExecuteAsync("CONFIG", "SET", "maxmemory", 0);
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["meanwhile", "behind"], two.Heard);
    }
}
