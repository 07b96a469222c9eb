using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>Rooms that are shared through a Redis Cluster: in each mode, and what becomes of them when their slot moves or its master is killed. docs/scale-out.md has each of these by its name.</summary>
public sealed class RoomsOverClusterTests
{
    // With the master that has a replica.
    private static readonly string Name = RedisClusterRig.NameOn(0);

    public static TheoryData<RedisBackplaneMode> Modes => [.. Enum.GetValues<RedisBackplaneMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Rooms_go_on_when_the_master_of_their_slot_is_killed_and_what_is_missing_is_told(RedisBackplaneMode mode)
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await using var one = await StartAsync(rig, mode);
        await using var two = await StartAsync(rig, mode);
        await Eventually.HoldsAsync(() => one.Backplane.NodeCount == 2 && two.Backplane.NodeCount == 2);
        one.Say("before");
        await two.HearsAsync("before");
        Assert.Equal(2, (await one.Backplane.CountMembersAsync("a")).Members);

        await rig.FailOverAsync(async () =>
        {
            await Eventually.HoldsAsync(() => !one.Backplane.IsConnected && !two.Backplane.IsConnected);
            one.Say("meanwhile");
        });
        await Eventually.HoldsAsync(() => one.Backplane.IsConnected && two.Backplane.IsConnected);
        one.Say("behind");
        await two.HearsAsync("behind");

        // What waited is sent as soon as the sender can, which may be before a receiver of a channel can hear. A stream has it.
        string[] expected = mode == RedisBackplaneMode.Streams ? ["before", "meanwhile", "behind"] : ["before", RoomNode.Lost, "behind"];
        Assert.Equal(expected, two.Heard.Where(text => mode == RedisBackplaneMode.Streams || text != "meanwhile"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Whoever_talks_while_a_slot_moves_is_heard_in_order_and_what_is_missing_is_told(RedisBackplaneMode mode)
    {
        const int Count = 200;
        await using var rig = await RedisClusterRig.StartAsync();
        await using var one = await StartAsync(rig, mode);
        await using var two = await StartAsync(rig, mode);
        using var stopping = new CancellationTokenSource();
        var talking = TalkAsync(one, stopping.Token);
        await two.HearsAsync($"{Count}");

        // There, and back again.
        var slot = RedisClusterRig.SlotOf(Name);
        await rig.MoveAsync(slot, from: 0, to: 1);
        await HearsMoreAsync(two, Count);
        await rig.MoveAsync(slot, from: 1, to: 0);
        await HearsMoreAsync(two, Count);
        await stopping.CancelAsync();
        var said = await talking;
        await two.HearsAsync($"{said - 1}");

        var heard = two.Heard.Where(static text => text != RoomNode.Lost).Select(int.Parse).ToList();
        Assert.Equal(heard.Distinct().Order(), heard);
        var isAnythingMissing = heard.Count < said;
        Assert.False(isAnythingMissing && mode == RedisBackplaneMode.Streams, $"Of {said}, {heard.Count} were heard.");
        Assert.False(isAnythingMissing && !two.Heard.Contains(RoomNode.Lost), "What is missing was not told.");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Who_is_in_a_room_is_known_again_after_its_slot_has_moved(RedisBackplaneMode mode)
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(rig.Options(), Options(mode));
        await using var two = await PresenceNode.StartAsync(rig.Options(), Options(mode));
        one.Join(1, "Ada");
        await two.SeesAsync("Ada");

        await rig.MoveAsync(RedisClusterRig.SlotOf(Name), from: 0, to: 1);
        one.Join(2, "Bob");
        two.Join(1, "Cy");
        await two.SeesAsync("Ada", "Bob");
        await one.SeesAsync("Cy");
    }

    private static RedisBackplaneOptions Options(RedisBackplaneMode mode) => new() { Mode = mode, Name = Name, CountTimeout = TimeSpan.FromSeconds(60) };

    private static async Task<RoomNode> StartAsync(RedisClusterRig rig, RedisBackplaneMode mode)
    {
        var node = await RoomNode.StartUnconnectedAsync(new RedisRoomBackplane(rig.Options(), Options(mode)));
        await Eventually.HoldsAsync(() => node.Backplane.IsConnected);
        return node;
    }

    /// <summary>Says one number after the other, each when the one before has been heard at home.</summary>
    /// <returns>How many.</returns>
    private static async Task<int> TalkAsync(RoomNode node, CancellationToken cancellationToken)
    {
        var said = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            node.Say($"{said}");
            await node.HearsAsync($"{said++}");
        }

        return said;
    }

    private static Task HearsMoreAsync(RoomNode node, int count)
    {
        var before = node.Heard.Length;
        return Eventually.HoldsAsync(() => node.Heard.Length >= before + count);
    }
}
