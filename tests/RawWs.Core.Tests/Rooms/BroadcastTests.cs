using System.Collections.Concurrent;
using RawWs.Testing;

namespace RawWs.Tests.Rooms;

public sealed class BroadcastTests
{
    [Fact]
    public async Task A_broadcast_reaches_every_member_but_the_excepted_and_nobody_else()
    {
        await using var server = await StartAsync();
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        await using var carol = await server.OpenAsync();
        var connections = await MembersAsync(server, "all", 3);
        var lobby = server.Server.Rooms["lobby"];
        Assert.True(lobby.Join(connections[0]));
        Assert.True(lobby.Join(connections[1]));
        Assert.False(lobby.Join(connections[1]));

        Assert.Equal(new BroadcastResult(Recipients: 1, Dropped: 0), lobby.Broadcast("to bob", except: connections[0]));
        Assert.Equal(new BroadcastResult(2, 0), await lobby.BroadcastAsync("to both"));
        Assert.Equal(new BroadcastResult(3, 0), server.Server.Everyone.Broadcast("to all"));

        Assert.Equal(["to both", "to all"], await TextsAsync(alice, 2));
        Assert.Equal(["to bob", "to both", "to all"], await TextsAsync(bob, 3));
        Assert.Equal(["to all"], await TextsAsync(carol, 1));
    }

    [Fact]
    public async Task Everyone_is_whoever_is_there_at_each_broadcast()
    {
        await using var server = await RoomServer.StartAsync();
        await using var alice = await server.OpenAsync();
        Assert.Equal(new BroadcastResult(1, 0), server.Server.Everyone.Broadcast("first"));
        await using var bob = await server.OpenAsync();
        Assert.Equal(new BroadcastResult(2, 0), server.Server.Everyone.Broadcast("second"));

        Assert.Equal(["first", "second"], await alice.ReadAsync(2));
        Assert.Equal(["second"], await bob.ReadAsync(1));
    }

    [Fact]
    public async Task Who_has_left_is_sent_nothing_more()
    {
        await using var server = await RoomServer.StartAsync();
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        var lobby = server.Rooms["lobby"];
        lobby.Join(alice.Connection);
        lobby.Join(bob.Connection);
        Assert.Equal(new BroadcastResult(2, 0), lobby.Broadcast("to both"));

        lobby.Leave(alice.Connection);
        Assert.Equal(new BroadcastResult(1, 0), lobby.Broadcast("to bob"));
        alice.Connection.Send("to alice");

        Assert.Equal(["to both", "to alice"], await alice.ReadAsync(2));
        Assert.Equal(["to both", "to bob"], await bob.ReadAsync(2));
    }

    [Fact]
    public async Task A_member_of_several_rooms_is_sent_a_broadcast_once()
    {
        await using var server = await StartAsync();
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        var connections = await MembersAsync(server, "all", 2);
        var rooms = server.Server.Rooms;
        rooms["a"].Join(connections[0]);
        rooms["b"].Join(connections[0]);
        rooms["b"].Join(connections[1]);

        Assert.Equal(new BroadcastResult(2, 0), rooms["a", "b", "nowhere"].Broadcast("once"));
        Assert.Equal(new BroadcastResult(1, 0), rooms["a", "b"].Except(rooms["a"]).Broadcast("to bob"));
        Assert.Equal(new BroadcastResult(1, 0), server.Server.Everyone.Except(connections[1]).Broadcast("to alice"));

        Assert.Equal(["once", "to alice"], await TextsAsync(alice, 2));
        Assert.Equal(["once", "to bob"], await TextsAsync(bob, 2));
    }

    [Fact]
    public async Task Whoever_joins_is_sent_the_history_first()
    {
        await using var server = await StartAsync(options => options.RoomOptions = name => name == "all" ? null : new RoomOptions { HistoryCount = 2 });
        await using var alice = await server.OpenAsync();
        var connections = await MembersAsync(server, "all", 1);
        var lobby = server.Server.Rooms["lobby"];

        foreach (var text in (string[])["one", "two", "three"])
            lobby.Broadcast(text);

        Assert.True(lobby.Join(connections[0]));
        lobby.Broadcast("four");
        Assert.Equal(["two", "three", "four"], await TextsAsync(alice, 3));
    }

    [Fact]
    public async Task A_connection_that_ends_leaves_its_rooms_which_vanish_when_they_are_empty()
    {
        await using var server = await StartAsync();
        await using var alice = await server.OpenAsync();
        var connections = await MembersAsync(server, "all", 1);
        var told = new ConcurrentQueue<string>();
        var rooms = server.Server.Rooms;
        rooms.Created += room => told.Enqueue($"created {room.Name}");
        rooms.Joined += (room, connection) => told.Enqueue($"joined {room.Name}");
        rooms.Left += (room, connection) => told.Enqueue($"left {room.Name}");
        rooms.Emptied += room => told.Enqueue($"emptied {room.Name}");
        rooms["lobby"].Join(connections[0]);
        Assert.Equal(2, rooms.Count);

        alice.Abort();
        await Eventually.HoldsAsync(() => rooms.Count == 0 && server.Server.ConnectionCount == 0 && told.Count >= 6);

        Assert.Equal(["created lobby", "joined lobby", "left all", "emptied all", "left lobby", "emptied lobby"], told);
        Assert.Empty(rooms.Of(connections[0]));
        Assert.False(rooms["lobby"].Join(connections[0]));
    }

    private static Task<TestServer> StartAsync(Action<WebSocketServerOptions>? configure = null)
    {
        WebSocketServer? server = null;
        return Start();

        async Task<TestServer> Start()
        {
            var started = await TestServer.StartAsync(
                async (connection, cancellationToken) =>
                {
                    server!.Rooms["all"].Join(connection);
                    await connection.ReceiveAsync(cancellationToken);
                },
                configure);
            server = started.Server;
            return started;
        }
    }

    private static async Task<IReadOnlyList<WebSocketConnection>> MembersAsync(TestServer server, string room, int count)
    {
        await Eventually.HoldsAsync(() => server.Server.Rooms[room].Count == count);
        return [.. server.Server.Rooms[room].Members.OrderBy(member => member.Id)];
    }

    private static async Task<string[]> TextsAsync(WireClient client, int count)
    {
        var texts = new string[count];
        for (var i = 0; i < count; i++)
            texts[i] = (await client.ReadFrameAsync()).Text;

        return texts;
    }
}
