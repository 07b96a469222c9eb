using RawWs.Redis.Tests.Servers;
using RawWs.Testing;
using static RawWs.Redis.Tests.Rooms.RedisRoomBackplaneTests;
using static RawWs.Redis.Tests.Rooms.RoomTalk;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>
/// What becomes of rooms when a replica becomes the primary, and the address of Redis follows it. Members on the node of whoever speaks hear everything, at once (<see cref="RoomNode.Say"/>).
/// docs/scale-out.md has each of these by its name.
/// </summary>
public sealed class FailoverTests
{
    private const string Key = "{rawws}:rooms";

    public static TheoryData<RedisBackplaneMode> Modes => [.. Enum.GetValues<RedisBackplaneMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Whoever_talks_while_the_primary_is_killed_is_heard_by_others_when_the_replica_leads(RedisBackplaneMode mode)
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var one = await RoomNode.StartAsync(failover.Options(), Unlimited(mode));
        await using var two = await RoomNode.StartAsync(failover.Options(), Unlimited(mode));

        var said = await TalkThroughAsync(one, two, failover, failover.FailOverAsync);

        // The replica may have had a little less than the primary, with a stream too.
        AssertHeardOrTold(RedisBackplaneMode.PubSub, two, [.. said[0]]);
        AssertHeardOrTold(RedisBackplaneMode.PubSub, one, [.. said[1]]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Whoever_talks_while_the_primary_hands_over_leaves_it_and_loses_nothing_with_a_stream(RedisBackplaneMode mode)
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var one = await RoomNode.StartAsync(failover.Options(), Unlimited(mode));
        await using var two = await RoomNode.StartAsync(failover.Options(), Unlimited(mode));

        // Connections stay open, and the address leads to what is a replica now: nobody stays there, nor comes back to it.
        var said = await TalkThroughAsync(one, two, failover, failover.HandOverAsync);

        Assert.Contains(failover.Rig.Log.AboveDebug, static line => line.Contains("is not a primary any more", StringComparison.Ordinal));
        AssertHeardOrTold(mode, two, [.. said[0]]);
        AssertHeardOrTold(mode, one, [.. said[1]]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_say_that_a_replica_had_not_had_everything_and_go_on_also_if_its_ids_lie_behind(bool idsLieBehind)
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var one = await RoomNode.StartAsync(failover.Options(), Options(RedisBackplaneMode.Streams));
        one.Say("old");
        await WaitForLengthAsync(failover, 1);
        await using var two = await RoomNode.StartAsync(failover.Options(), Options(RedisBackplaneMode.Streams));
        one.Say("kept");
        await two.HearsAsync("kept");
        await failover.CutReplicationAsync();
        if (idsLieBehind)
            await failover.Primary.ExecuteAsync("XADD", Key, "99999999999999-0", "p", "nonsense");

        one.Say("lost with the primary");
        await two.HearsAsync("lost with the primary");
        await failover.FailOverAsync();
        await DisconnectedAsync(one, two);
        failover.Follow();
        await ConnectedAsync(one, two);
        one.Say("behind");
        await two.HearsAsync("behind");
        two.Say("behind, too");
        await one.HearsAsync("behind, too");

        // What was said before it began is not said again.
        Assert.Equal(["kept", "lost with the primary", RoomNode.Lost, "behind", "behind, too"], two.Heard);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_whose_replica_had_had_nothing_since_a_node_began_are_read_from_there(bool idsLieBehind)
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var one = await RoomNode.StartAsync(failover.Options(), Options(RedisBackplaneMode.Streams));
        one.Say("old");
        await WaitForLengthAsync(failover, 1);
        await failover.CutReplicationAsync();
        one.Say("lost with the primary");
        if (idsLieBehind)
            await failover.Primary.ExecuteAsync("XADD", Key, "99999999999999-0", "p", "nonsense");

        await WaitForLengthAsync(failover, idsLieBehind ? 3 : 2);
        await Eventually.HoldsAsync(() => one.Backplane.WaitingCount == 0);
        await using var two = await RoomNode.StartAsync(failover.Options(), Options(RedisBackplaneMode.Streams));
        await failover.FailOverAsync();
        failover.Follow();
        await two.HearsAsync(RoomNode.Lost);
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal([RoomNode.Lost, "behind"], two.Heard);
    }

    [Fact]
    public async Task What_neither_a_node_nor_the_replica_had_had_is_told_when_its_speaker_speaks_again()
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var cut = new ToxicProxy(failover.Primary.EndPoint);
        await using var one = await RoomNode.StartAsync(failover.Options(), Options(RedisBackplaneMode.Streams));
        await using var two = await RoomNode.StartAsync(failover.Options(options => options.Port = cut.Port), Options(RedisBackplaneMode.Streams));
        one.Say("kept");
        await two.HearsAsync("kept");
        cut.Refuse();
        await DisconnectedAsync(two);
        await failover.CutReplicationAsync();
        one.Say("lost with the primary");

        // The primary has it, and its node knows that: it will not be sent again.
        await Eventually.HoldsAsync(() => one.Backplane.WaitingCount == 0);
        await failover.FailOverAsync();
        await DisconnectedAsync(one);
        failover.Follow();
        cut.LeadTo(failover.Replica.EndPoint);
        cut.Resume();
        await ConnectedAsync(one, two);
        one.Say("behind");
        await two.HearsAsync("behind");

        Assert.Equal(["kept", RoomNode.Lost, "behind"], two.Heard);
    }

    // Whoever talks without Redis fills its outbox as fast as this machine can.
    private static RedisBackplaneOptions Unlimited(RedisBackplaneMode mode)
        => Options(mode, static options => (options.MaxOutboxCount, options.MaxOutboxSize, options.MaxStreamLength) = (1_000_000, 1 << 30, 1_000_000));

    /// <summary>Both talk, before, while the primary changes and nobody is connected, and after it.</summary>
    /// <returns>What each has said; the last of it has been heard by the other one.</returns>
    private static async Task<List<string>[]> TalkThroughAsync(RoomNode one, RoomNode two, FailoverRig failover, Func<Task> changeAsync)
    {
        const int Count = 100;
        using var stopping = new CancellationTokenSource();
        var talking = Task.WhenAll(TalkAsync(one, "one", stopping.Token), TalkAsync(two, "two", stopping.Token));
        await one.HearsAsync($"two {Count}");
        await two.HearsAsync($"one {Count}");

        await changeAsync();
        await DisconnectedAsync(one, two);
        var (heardByOne, heardByTwo) = (one.Heard.Length, two.Heard.Length);
        await Eventually.HoldsAsync(() => one.Heard.Length >= heardByOne + Count && two.Heard.Length >= heardByTwo + Count);
        failover.Follow();
        await ConnectedAsync(one, two);
        await stopping.CancelAsync();
        var said = await talking;

        await SayUntilHeardAsync(one, two, said[0], "one behind");
        await SayUntilHeardAsync(two, one, said[1], "two behind");
        Assert.Equal(said[0], one.Heard.Where(said[0].Contains));
        Assert.Equal(said[1], two.Heard.Where(said[1].Contains));
        return said;
    }

    private static Task WaitForLengthAsync(FailoverRig failover, int length)
        => WaitUntilAsync(async () => (await failover.Primary.ExecuteAsync("XLEN", Key)).ToInteger() == length);
}
