using System.Text;
using RawWs.Redis.Client;
using RawWs.Redis.Tests.Rooms;
using RawWs.Redis.Tests.Servers;
using RawWs.Redis.Tests.SocketIO;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The client for clusters against a real one: slots that are known, that move, and whose master is killed.</summary>
public sealed class RedisClusterClientTests : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // A channel for each master.
    private static readonly RedisChannel[] Channels = [.. Enumerable.Range(0, 3).Select(static master => new RedisChannel(NameOn(master), RedisChannelKind.Shard))];

    private RedisClusterRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await RedisClusterRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Commands_and_channels_go_where_their_slot_is()
    {
        await using var one = await _rig.ConnectAsync();
        await using var two = await _rig.ConnectAsync();
        foreach (var channel in Channels)
        {
            Assert.True(await one.SetAsync(channel.Name, Bytes(channel.Name)));
            Assert.Equal(channel.Name, Encoding.UTF8.GetString((await two.GetAsync(channel.Name))!.Value.Span));
            Assert.True(await two.DeleteAsync(channel.Name));
            var id = await one.AddToStreamAsync(channel.Name, "f", Bytes("x"));
            Assert.Equal(id, Assert.Single(await two.ReadStreamAsync(channel.Name)).Id);
            Assert.Equal(id, Assert.Single(await two.ReadStreamAfterAsync(channel.Name, "0")).Id);
            await HearsAsync(one, two, channel, channel);
            await HearsAsync(one, two, channel with { Kind = RedisChannelKind.Channel }, channel with { Kind = RedisChannelKind.Channel });
            await HearsAsync(one, two, new RedisChannel($"{channel.Name[0]}*", RedisChannelKind.Pattern), channel with { Kind = RedisChannelKind.Channel });
        }

        // Each master counts its own.
        await using var there = new RedisClient(new RedisOptions { Host = "127.0.0.1", Port = _rig.EndPoints[2].Port });
        var news = new RedisChannel("news");
        await using var here = one.Subscribe(news, new RecordingSubscriber());
        await using var elsewhere = there.Subscribe(news, new RecordingSubscriber());
        await here.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await elsewhere.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        Assert.Equal(2, await two.CountSubscriptionsAsync(news));
    }

    [Fact]
    public async Task A_slot_that_goes_to_another_master_takes_its_keys_and_subscriptions_along()
    {
        await using var one = await _rig.ConnectAsync();
        await using var two = await _rig.ConnectAsync();
        var (channel, slot) = (Channels[0], HashSlot.Of(Encoding.UTF8.GetBytes(Channels[0].Name)));
        var subscriber = new RecordingSubscriber();
        await using var subscription = one.Subscribe(channel, subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);

        await _rig.Servers[1].ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", _rig.Ids[0]);
        await _rig.Servers[0].ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", _rig.Ids[1]);

        // What is not there is asked for where it goes.
        Assert.True(await two.SetAsync(channel.Name, Bytes("new")));
        Assert.Equal("new", Encoding.UTF8.GetString((await one.GetAsync(channel.Name))!.Value.Span));
        foreach (var server in _rig.Servers.Take(3).Reverse())
            await server.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", _rig.Ids[1]);

        await Eventually.HoldsAsync(() => subscriber.Told is ["+", "-", "+"]);
        await two.PublishAsync(channel, Bytes("moved"));
        await Eventually.HoldsAsync(() => subscriber.Told.Length == 4);
        Assert.Equal($"{channel.Name}:moved", subscriber.Told[3]);
        Assert.Equal("new", Encoding.UTF8.GetString((await two.GetAsync(channel.Name))!.Value.Span));
        Assert.Equal(1, await two.CountSubscriptionsAsync(channel));
        Assert.Equal(1, (await _rig.Servers[1].ExecuteAsync("PUBSUB", "SHARDNUMSUB", channel.Name)).Items[1].ToInteger());
    }

    [Fact]
    public async Task When_a_master_is_killed_its_replica_is_found_and_subscriptions_are_made_there()
    {
        await using var one = await _rig.ConnectAsync();
        await using var two = await _rig.ConnectAsync();
        var subscribers = Channels.Select(_ => new RecordingSubscriber()).ToArray();
        var subscriptions = Channels.Select((channel, place) => one.Subscribe(channel, subscribers[place])).ToArray();
        foreach (var subscription in subscriptions)
            await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);

        await _rig.Servers[0].KillAsync();
        await Eventually.HoldsAsync(() => subscribers[0].Told is ["+", "-"]);
        await Assert.ThrowsAsync<RedisUnavailableException>(async () => await one.PublishAsync(Channels[0], Bytes("nobody is there")));
        await _rig.TakeOverAsync();

        await Eventually.HoldsAsync(() => one.IsConnected && two.IsConnected && subscriptions[0].IsConfirmed);
        foreach (var (channel, subscriber) in Channels.Zip(subscribers))
        {
            await two.PublishAsync(channel, Bytes("again"));
            await Eventually.HoldsAsync(() => subscriber.Told[^1] == $"{channel.Name}:again");
        }

        // Whoever is on the others has noticed nothing.
        Assert.Equal(["+", "-", "+"], subscribers[0].Told[..3]);
        Assert.Equal(2, subscribers[1].Told.Length);
        Assert.Equal(2, subscribers[2].Told.Length);
    }

    [Theory]
    [InlineData(RedisBackplaneMode.PubSub)]
    [InlineData(RedisBackplaneMode.Sharded)]
    [InlineData(RedisBackplaneMode.Streams)]
    public async Task Rooms_are_shared_in_each_mode(RedisBackplaneMode mode)
    {
        // A name that is with the master which has a replica.
        var options = new RedisBackplaneOptions { Mode = mode, Name = NameOn(0), CountTimeout = LongestWait };
        await using var one = await RoomNode.StartUnconnectedAsync(new RedisRoomBackplane(_rig.Options(), options));
        await using var two = await RoomNode.StartUnconnectedAsync(new RedisRoomBackplane(_rig.Options(), options));
        await Eventually.HoldsAsync(() => one.Backplane.IsConnected && two.Backplane.IsConnected && one.Backplane.NodeCount == 2);

        one.Say("hello");
        await two.HearsAsync("hello");
        two.Say("you too");
        await one.HearsAsync("you too");
        Assert.Equal(2, (await one.Backplane.CountMembersAsync("a")).Members);

        await _rig.Servers[0].KillAsync();
        await Eventually.HoldsAsync(() => !one.Backplane.IsConnected && !two.Backplane.IsConnected);
        await _rig.TakeOverAsync();
        await Eventually.HoldsAsync(() => one.Backplane.IsConnected && two.Backplane.IsConnected);
        one.Say("again");
        await two.HearsAsync("again");
    }

    [Theory]
    [InlineData(AdapterKind.PubSub)]
    [InlineData(AdapterKind.Sharded)]
    public async Task Socket_IO_servers_of_Node_and_ours_hear_each_other(AdapterKind kind)
    {
        await using var node = await NodeServer.StartAsync(_rig.Address, kind);
        await using var one = await ClusterServer.StartAsync(await _rig.ConnectAsync(), kind);
        await using var two = await ClusterServer.StartAsync(await _rig.ConnectAsync(), kind);
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
            await node.EvaluateAsync($"socket.join({System.Text.Json.JsonSerializer.Serialize(rooms)})");
            await WaitForRoomsAsync(kind, rooms);
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

    // Each of them has subscribed to the channels of the rooms that it has members in.
    private async Task WaitForRoomsAsync(AdapterKind kind, string[] rooms)
    {
        if (kind != AdapterKind.Sharded)
            return;

        await using var redis = await _rig.ConnectAsync();
        using var deadline = new CancellationTokenSource(LongestWait);
        foreach (var room in rooms)
        {
            while (await redis.CountSubscriptionsAsync(new RedisChannel($"socket.io#/#{room}#", RedisChannelKind.Shard), deadline.Token) != 3)
                await Task.Yield();
        }
    }

    private static async Task HearsAsync(RedisClusterClient one, RedisClusterClient two, RedisChannel channel, RedisChannel published)
    {
        var subscriber = new RecordingSubscriber();
        await using var subscription = one.Subscribe(channel, subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        Assert.True(subscription.IsConfirmed);
        await two.PublishAsync(published, Bytes("hello"));
        await Eventually.HoldsAsync(() => subscriber.Told.Length == 2);
        Assert.Equal(["+", $"{published.Name}:hello"], subscriber.Told);
    }

    private static string NameOn(int master) => Enumerable.Range(0, int.MaxValue).Select(static number => $"{(char)('a' + number % 26)}{number}").First(name => RedisClusterRig.MasterOf(HashSlot.Of(Encoding.UTF8.GetBytes(name))) == master);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
