using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What becomes of Socket.IO servers when slots of their Redis Cluster move, and when a master is killed. docs/scale-out.md has each of these by its name.</summary>
public sealed class AdapterClusterFaultTests
{
    public static TheoryData<AdapterKind> Kinds => [.. Enum.GetValues<AdapterKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Servers_are_one_again_after_slots_have_moved_and_a_master_was_killed(AdapterKind kind)
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await using var one = await ClusterServer.StartAsync(await rig.ConnectAsync(), kind);
        await using var two = await ClusterServer.StartAsync(await rig.ConnectAsync(), kind);
        var (client1, socket1) = await one.Server.ConnectSocketAsync();
        var (client2, socket2) = await two.Server.ConnectSocketAsync();
        await using var alice = new Listener(client1);
        await using var bob = new Listener(client2);
        await one.WaitForServersAsync(2);
        await two.WaitForServersAsync(2);

        // What everybody needs goes to the master that will be killed; so does the channel of the room.
        var room = RedisClusterRig.NameOn(0);
        foreach (var slot in SlotsOf(kind, room).Where(static slot => RedisClusterRig.MasterOf(slot) != 0))
            await rig.MoveAsync(slot, from: RedisClusterRig.MasterOf(slot), to: 0);

        socket1.Join(room);
        socket2.Join(room);
        await HearAsync(one, alice, bob, room, "moved");
        await rig.FailOverAsync(async () =>
        {
            await Eventually.HoldsAsync(() => !one.Redis.IsConnected && !two.Redis.IsConnected);
            await one.IO.To(room).EmitAsync("e", "meanwhile");
            await alice.HearsAsync("meanwhile");
        });
        await Eventually.HoldsAsync(() => one.Redis.IsConnected && two.Redis.IsConnected);
        await HearAsync(one, alice, bob, room, "behind");
        await HearAsync(two, bob, alice, room, "and back");
        Assert.True(await two.IO.In(room).FetchSocketsAsync() is { IsComplete: true, Count: 2 });

        // A stream has what was said meanwhile, in its place; of a channel nobody knows.
        var heard = bob.Heard.Where(static text => text is "meanwhile" or "behind").Distinct().ToArray();
        Assert.Equal(kind == AdapterKind.Streams ? ["meanwhile", "behind"] : ["behind"], heard.Where(text => kind == AdapterKind.Streams || text != "meanwhile"));
    }

    [Fact]
    public async Task Streams_lose_nothing_and_mix_up_nothing_while_their_slot_moves()
    {
        const int Count = 50;
        await using var rig = await RedisClusterRig.StartAsync();
        await using var one = await ClusterServer.StartAsync(await rig.ConnectAsync(), AdapterKind.Streams);
        await using var two = await ClusterServer.StartAsync(await rig.ConnectAsync(), AdapterKind.Streams);
        await using var client = await two.Server.ConnectAsync();
        await one.WaitForServersAsync(2);
        var slot = RedisClusterRig.SlotOf("socket.io");
        var from = RedisClusterRig.MasterOf(slot);
        await ClusterServer.WaitForReadersAsync(rig.Servers[from], 2);

        // In each state of the slot, to the one master and on to the other.
        var said = 0;
        for (var move = 0; move < 2; move++)
        {
            var to = (from + 1) % 3;
            await SayAsync();
            await rig.BeginToMoveAsync(slot, from, to);
            await SayAsync();
            await rig.MoveKeysAsync(slot, from, to);
            await SayAsync();
            await rig.EndMovingAsync(slot, to);
            await SayAsync();
            await ClusterServer.WaitForReadersAsync(rig.Servers[to], 2);
            from = to;
        }

        for (var number = 0; number < said; number++)
            Assert.Equal($"42[\"e\",{number}]", await client.ReadAsync());

        async Task SayAsync()
        {
            for (var end = said + Count; said < end; said++)
                await one.IO.EmitAsync("e", said);
        }
    }

    private static IEnumerable<int> SlotsOf(AdapterKind kind, string room) => kind switch
    {
        AdapterKind.PubSub => Slots("socket.io#/#*", "socket.io-request#/#", $"socket.io#/#{room}#"),
        AdapterKind.Sharded => Slots("socket.io#/#", $"socket.io#/#{room}#"),
        _ => Slots("socket.io", "socket.io#/#"),
    };

    private static IEnumerable<int> Slots(params string[] names) => names.Select(RedisClusterRig.SlotOf).Distinct();

    /// <summary>Says something until the other server has heard it: it may be looking for its channels yet.</summary>
    private static async Task HearAsync(ClusterServer speaker, Listener here, Listener there, string room, string text)
    {
        await speaker.WaitForServersAsync(2);
        while (!there.Heard.Contains(text))
        {
            var count = here.Heard.Length;
            await speaker.IO.To(room).EmitAsync("e", text);
            await Eventually.HoldsAsync(() => here.Heard.Length > count);
        }
    }
}
