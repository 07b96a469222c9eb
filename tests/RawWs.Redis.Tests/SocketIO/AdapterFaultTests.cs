using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;
using static RawWs.Redis.Tests.SocketIO.Listener;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What becomes of Socket.IO servers when their Redis fails while all of them speak. docs/scale-out.md has each of these by its name.</summary>
public sealed class AdapterFaultTests
{
    private const int Count = 200;

    [Fact]
    public async Task Whoever_is_on_a_server_hears_all_of_it_while_Redis_is_killed_and_then_all_hear_each_other_again()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await ClusterServer.StartAsync(rig);
        await using var two = await ClusterServer.StartAsync(rig);
        await using var alice = new Listener(await one.Server.ConnectAsync());
        await using var bob = new Listener(await two.Server.ConnectAsync());
        await one.WaitForServersAsync(2);
        await two.WaitForServersAsync(2);
        using var stopping = new CancellationTokenSource();
        var talking = Task.WhenAll(TalkAsync(one, "one", alice, stopping.Token), TalkAsync(two, "two", bob, stopping.Token));
        await alice.HearsAsync($"two {Count}");
        await bob.HearsAsync($"one {Count}");

        // In the middle of what both say, and they go on.
        await rig.Server.KillAsync();
        await Eventually.HoldsAsync(() => one.Client.ConnectionCount == 0 && two.Client.ConnectionCount == 0);
        var (heardByAlice, heardByBob) = (alice.Heard.Length, bob.Heard.Length);
        await Eventually.HoldsAsync(() => alice.Heard.Length >= heardByAlice + Count && bob.Heard.Length >= heardByBob + Count);
        await rig.Server.StartAgainAsync();

        // Nobody has to do anything for it.
        var heard = (Alice: alice.Heard.Length, Bob: bob.Heard.Length);
        await Eventually.HoldsAsync(() => alice.Heard.Skip(heard.Alice).Any(text => text.StartsWith("two", StringComparison.Ordinal)));
        await Eventually.HoldsAsync(() => bob.Heard.Skip(heard.Bob).Any(text => text.StartsWith("one", StringComparison.Ordinal)));
        await stopping.CancelAsync();
        var said = await talking;
        await one.WaitForServersAsync(2);
        var sockets = await one.IO.Everybody.FetchSocketsAsync();
        Assert.Equal((true, 2), (sockets.IsComplete, sockets.Count));

        Assert.Equal(said[0], alice.Heard.Where(text => text.StartsWith("one", StringComparison.Ordinal)));
        Assert.Equal(said[1], bob.Heard.Where(text => text.StartsWith("two", StringComparison.Ordinal)));
        AssertPartInOrder(said[1], alice.Heard.Where(text => text.StartsWith("two", StringComparison.Ordinal)));
        AssertPartInOrder(said[0], bob.Heard.Where(text => text.StartsWith("one", StringComparison.Ordinal)));
    }
}
