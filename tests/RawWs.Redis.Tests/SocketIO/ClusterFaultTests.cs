using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What Socket.IO servers do when one of them, or Redis, is killed: with every adapter. docs/scale-out.md has a line for each.</summary>
public sealed class ClusterFaultTests : IAsyncLifetime
{
    private RedisRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await RedisRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData(AdapterKind.PubSub)]
    [InlineData(AdapterKind.Sharded)]
    [InlineData(AdapterKind.Streams)]
    public async Task Of_three_servers_the_two_that_live_answer_when_one_was_killed(AdapterKind kind)
    {
        await using var one = await ClusterServer.StartAsync(_rig, kind);
        await using var two = await ClusterServer.StartAsync(_rig, kind);
        await using var node = await NodeServer.StartAsync(_rig.Network.Address, kind);
        var (client1, socket1) = await one.Server.ConnectSocketAsync();
        var (client2, socket2) = await two.Server.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        {
            two.IO.OnServerSide("who", received => received.Acknowledge("two"));
            await one.WaitForServersAsync(3);
            Assert.Equal(3, (await one.IO.Everybody.FetchSocketsAsync()).Count);

            await node.KillAsync();
            await one.WaitForServersAsync(2);

            var sockets = await one.IO.Everybody.FetchSocketsAsync();
            Assert.True(sockets.IsComplete);
            Assert.Equal(new[] { socket1.Id, socket2.Id }.Order(StringComparer.Ordinal), sockets.Select(socket => socket.Id).Order(StringComparer.Ordinal));
            var who = await one.IO.ServerSideEmitWithAckAsync<string>("who");
            Assert.Equal((true, "two"), (who.IsComplete, Assert.Single(who.Values)));
            var asked = one.IO.Everybody.EmitWithAckAsync<int>("q");
            foreach (var client in new[] { client1, client2 })
            {
                Assert.Equal("420[\"q\"]", await client.ReadAsync());
                await client.SendAsync("430[1]");
            }

            Assert.Equal((true, 2), ((await asked).IsComplete, (await asked).Values.Count));
        }
    }

    [Theory]
    [InlineData(AdapterKind.PubSub)]
    [InlineData(AdapterKind.Sharded)]
    [InlineData(AdapterKind.Streams)]
    public async Task Clients_of_a_server_go_on_while_Redis_is_killed_and_afterwards_the_servers_are_one_cluster_again(AdapterKind kind)
    {
        await using var one = await ClusterServer.StartAsync(_rig, kind);
        await using var two = await ClusterServer.StartAsync(_rig, kind);
        var (client1, _) = await one.Server.ConnectSocketAsync();
        var (client2, _) = await two.Server.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        {
            await one.WaitForServersAsync(2);
            await _rig.Server.KillAsync();
            await Eventually.HoldsAsync(() => !one.Redis.IsConnected && !two.Redis.IsConnected);

            for (var number = 0; number < 10; number++)
            {
                await one.IO.EmitAsync("e", number);
                Assert.Equal($"42[\"e\",{number}]", await client1.ReadAsync());
            }

            Assert.False((await one.IO.Everybody.FetchSocketsAsync()).IsComplete);
            await _rig.Server.StartAgainAsync();
            while (await one.IO.Everybody.FetchSocketsAsync() is not { IsComplete: true, Count: 2 } || await two.IO.Everybody.FetchSocketsAsync() is not { IsComplete: true, Count: 2 })
                await Task.Yield();

            await one.IO.EmitAsync("again");

            // A stream has what was said meanwhile; channels have not.
            for (var number = 0; kind == AdapterKind.Streams && number < 10; number++)
                Assert.Equal($"42[\"e\",{number}]", await client2.ReadAsync());

            Assert.Equal("42[\"again\"]", await client2.ReadAsync());
        }
    }
}
