using System.Text.Json;
using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Socket.IO servers of ours, and one for Node, through a Redis Cluster.</summary>
public sealed class AdaptersOverClusterTests(SharedCluster cluster) : IClassFixture<SharedCluster>
{
    public static TheoryData<AdapterKind> Kinds => [.. Enum.GetValues<AdapterKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Servers_of_ours_and_of_Node_hear_each_other(AdapterKind kind)
    {
        Assert.SkipWhen(RedisServerProcess.Program is null, "There is no redis-server on this machine.");
        await using var node = await NodeServer.StartAsync(cluster.Rig.Address, kind);
        await using var one = await ClusterServer.StartAsync(await cluster.Rig.ConnectAsync(), kind);
        await using var two = await ClusterServer.StartAsync(await cluster.Rig.ConnectAsync(), kind);
        var (client1, socket1) = await one.Server.ConnectSocketAsync();
        var (client2, socket2) = await two.Server.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        {
            await one.WaitForServersAsync(3);
            await two.WaitForServersAsync(3);
            one.IO.OnServerSide("who", static received => received.Acknowledge("one"));
            two.IO.OnServerSide("who", static received => received.Acknowledge("two"));

            // Many rooms, on all masters.
            var rooms = Enumerable.Range(0, 12).Select(static number => $"room-{number}").ToArray();
            socket1.Join(rooms);
            socket2.Join(rooms);
            await node.EvaluateAsync($"socket.join({JsonSerializer.Serialize(rooms)})");
            await WaitForSubscriptionsAsync(kind, rooms);
            foreach (var room in rooms)
            {
                await one.IO.To(room).EmitAsync("from one", room);
                await node.EvaluateAsync($"io.to('{room}').emit('from node', '{room}')");
                string[] expected = [$"42[\"from node\",\"{room}\"]", $"42[\"from one\",\"{room}\"]"];
                Assert.Equal(expected, new[] { await client1.ReadAsync(), await client1.ReadAsync() }.Order(StringComparer.Ordinal));
                Assert.Equal(expected, new[] { await client2.ReadAsync(), await client2.ReadAsync() }.Order(StringComparer.Ordinal));
                Assert.Equal($"""[["from node","{room}"],["from one","{room}"]]""", (await node.EvaluateAsync("return (await take(2)).sort()")).GetRawText());
            }

            Assert.True(await one.IO.In("room-1").FetchSocketsAsync() is { IsComplete: true, Count: 3 });
            Assert.Equal(3, (await node.EvaluateAsync("return (await io.in('room-1').fetchSockets()).length")).GetInt32());
            Assert.Equal("node two", string.Join(' ', (await one.IO.ServerSideEmitWithAckAsync<string>("who")).Values.Order(StringComparer.Ordinal)));
            Assert.Equal("""["one","two"]""", (await node.EvaluateAsync("return (await io.serverSideEmitWithAck('who')).sort()")).GetRawText());
        }
    }

    [Fact]
    public async Task A_process_without_clients_speaks_to_all()
    {
        Assert.SkipWhen(RedisServerProcess.Program is null, "There is no redis-server on this machine.");
        await using var one = await ClusterServer.StartAsync(await cluster.Rig.ConnectAsync(), AdapterKind.PubSub);
        await using var redis = await cluster.Rig.ConnectAsync();
        var (client, socket) = await one.Server.ConnectSocketAsync();
        await using (client)
        {
            socket.Join("lobby");
            await new RedisEmitter(redis).To("lobby").EmitAsync("news", 1);
            Assert.Equal("42[\"news\",1]", await client.ReadAsync());
        }
    }

    // Each of them hears the rooms that it has members in.
    private async Task WaitForSubscriptionsAsync(AdapterKind kind, string[] rooms)
    {
        if (kind == AdapterKind.Streams)
            await ClusterServer.WaitForReadersAsync(cluster.Rig.Servers[RedisClusterRig.MasterOf(RedisClusterRig.SlotOf("socket.io"))], 3);

        if (kind != AdapterKind.Sharded)
            return;

        await using var redis = await cluster.Rig.ConnectAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        foreach (var room in rooms)
        {
            while (await redis.CountSubscriptionsAsync(new RedisChannel($"socket.io#/#{room}#", RedisChannelKind.Shard), deadline.Token) != 3)
                await Task.Yield();
        }
    }
}
