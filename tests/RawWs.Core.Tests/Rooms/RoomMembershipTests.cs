using Microsoft.Extensions.Logging;
using RawWs.Testing;
using RawWs.Tests.Connections;
using RawWs.Tests.Server;

namespace RawWs.Tests.Rooms;

public sealed class RoomMembershipTests
{
    // So that what would hang fails.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_room_knows_its_members_and_what_was_said_about_them()
    {
        await using var server = await RoomServer.StartAsync();
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        var lobby = server.Rooms["lobby"];
        Assert.Equal((0, 0), (lobby.Count, server.Rooms.Count));
        Assert.Empty(lobby.Members);
        Assert.Empty(lobby.Presence);
        Assert.False(lobby.Leave(alice.Connection));

        Assert.True(lobby.Join(alice.Connection, "Alice"));
        Assert.True(server.Rooms["lobby"].Join(bob.Connection));
        Assert.False(lobby.Join(bob.Connection, "again"));

        Assert.Equal((2, 1), (lobby.Count, server.Rooms.Count));
        Assert.Equal([alice.Connection, bob.Connection], lobby.Members.OrderBy(member => member.Id));
        Assert.Equal([new RoomMember(alice.Connection.Id, "Alice"), new RoomMember(bob.Connection.Id, "again")], lobby.Presence.OrderBy(member => member.ConnectionId));
        Assert.True(lobby.Contains(alice.Connection));
        Assert.Equal(["lobby"], server.Rooms.Of(alice.Connection).Select(room => room.Name));
        Assert.Equal(["lobby"], server.Rooms.All.Select(room => room.Name));

        Assert.True(lobby.Leave(alice.Connection));
        Assert.False(lobby.Leave(alice.Connection));
        Assert.False(lobby.Contains(alice.Connection));
        Assert.Empty(server.Rooms.Of(alice.Connection));
        Assert.True(lobby.Join(alice.Connection));
        Assert.Equal([null, "again"], lobby.Presence.OrderBy(member => member.ConnectionId).Select(member => member.Info));
        Assert.True(lobby.Leave(alice.Connection));
        Assert.True(lobby.Leave(bob.Connection));
        Assert.Empty(server.Rooms.All);
        Assert.Equal(0, server.Rooms.Count);
    }

    // It is a member before its own join returns.
    [Fact]
    public async Task Who_leaves_while_a_join_still_hands_over_the_history_was_counted_before()
    {
        await using var server = await GatedServer.StartAsync(options => options.RoomOptions = _ => new RoomOptions { HistoryCount = 1 });
        var (network, connection) = await GatedConnection.OpenAsync(server);
        var room = server.Server.Rooms["a"];
        room.Broadcast("one");
        var left = new List<long>();
        network.Flushing = () =>
        {
            if (room.Leave(connection))
                left.Add(server.Metrics["rawws.room.memberships"]);
        };

        Assert.True(room.Join(connection));

        Assert.Equal([0], left);
        Assert.Equal(0, server.Metrics["rawws.room.memberships"]);
    }

    [Fact]
    public async Task A_name_has_a_length_and_is_compared_ordinally()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options => options.MaxRoomNameLength = 5));
        using var _ = metrics;
        await using var __ = server;
        await using var alice = await server.OpenAsync();
        Assert.True(server.Rooms["Lobby"].Join(alice.Connection));

        Assert.Equal(0, server.Rooms["lobby"].Count);
        Assert.Throws<ArgumentException>(() => server.Rooms[""]);
        Assert.Throws<ArgumentNullException>(() => server.Rooms[(string)null!]); // Which is what is tested.
        Assert.Throws<RoomLimitException>(() => server.Rooms["lobbys"]);
        Assert.Throws<RoomLimitException>(() => server.Rooms["a", "lobbys"]);
        Assert.Equal(2, metrics["rawws.refusals room_name"]);
        Assert.Throws<ArgumentException>(() => server.Rooms[[]]);
    }

    [Fact]
    public async Task There_are_so_many_rooms_and_who_is_refused_leaves_nothing_behind()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options => options.MaxRoomCount = 2));
        using var _ = metrics;
        await using var __ = server;
        await using var alice = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);
        server.Rooms["b"].Join(alice.Connection);

        Assert.Throws<RoomLimitException>(() => server.Rooms["c"].Join(alice.Connection));
        Assert.Equal((2, 1), (metrics["rawws.rooms"], metrics["rawws.refusals rooms_full"]));
        Assert.Equal(["a", "b"], server.Rooms.All.Select(room => room.Name).Order());

        server.Rooms["a"].Leave(alice.Connection);
        Assert.True(server.Rooms["c"].Join(alice.Connection));
        Assert.Equal((2, 2, 2), (server.Rooms.Count, metrics["rawws.rooms"], metrics["rawws.room.memberships"]));
    }

    [Fact]
    public async Task A_connection_is_in_so_many_rooms_and_one_that_was_made_for_it_is_gone()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options =>
        {
            options.MaxRoomsPerConnection = 1;
            options.RoomOptions = _ => new RoomOptions { HistoryCount = 1, HistoryTimeout = TimeSpan.Zero };
        }));
        using var _ = metrics;
        await using var __ = server;
        await using var alice = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);

        Assert.Throws<RoomLimitException>(() => server.Rooms["b"].Join(alice.Connection));
        Assert.Equal(["a"], server.Rooms.All.Select(room => room.Name));
        Assert.Equal((1, 1, 1), (server.Rooms.Count, metrics["rawws.rooms"], metrics["rawws.refusals rooms_full"]));
        Assert.False(server.Rooms["a"].Join(alice.Connection));
        Assert.True(server.Rooms["a"].Leave(alice.Connection));
        Assert.True(server.Rooms["b"].Join(alice.Connection));
    }

    [Fact]
    public async Task A_session_that_lets_a_limit_pass_ends_with_1013_and_is_no_error()
    {
        TestServer? server = null;
        await using var started = server = await TestServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                await connection.ReceiveAsync(cancellationToken);
                server!.Server.Rooms["a"].Join(connection);
                server!.Server.Rooms["b"].Join(connection);
            },
            options => options.MaxRoomsPerConnection = 1);
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("join"));

        Assert.Equal(1013, (await client.ReadFrameAsync()).CloseCode);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level >= LogLevel.Error);
    }

    // All of them want the same room, for which there is one place.
    [Fact]
    public async Task A_room_that_many_make_at_once_takes_one_place()
    {
        await using var server = await RoomServer.StartAsync(options => options.MaxRoomCount = 1);
        var peers = await server.OpenManyAsync(2);
        var barrier = new Barrier(peers.Length);
        await AtOnceAsync(peers, peer =>
        {
            for (var round = 0; round < 5_000; round++)
            {
                Assert.True(barrier.SignalAndWait(LongestWait));
                Assert.True(server.Rooms["lobby"].Join(peer.Connection));
                Assert.True(barrier.SignalAndWait(LongestWait));
                Assert.Equal((2, 1), (server.Rooms["lobby"].Count, server.Rooms.Count));
                Assert.True(barrier.SignalAndWait(LongestWait));
                Assert.True(server.Rooms["lobby"].Leave(peer.Connection));
            }
        });
        Assert.Equal(0, server.Rooms.Count);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("abort")]
    [InlineData("throw")]
    [InlineData("peer closes")]
    [InlineData("peer aborts")]
    [InlineData("peer ends")]
    public async Task However_a_connection_ends_it_leaves_all_its_rooms_and_joins_none_any_more(string how)
    {
        await using var server = await RoomServer.StartAsync();
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        for (var i = 0; i < 50; i++)
        {
            server.Rooms[$"room {i}"].Join(alice.Connection);
            server.Rooms[$"room {i}"].Join(bob.Connection);
        }

        // Whoever is told of the first sees that it has left them all.
        var seen = new List<(int Rooms, int Members)>();
        server.Rooms.Left += (_, connection) => seen.Add((server.Rooms.Of(connection).Count, server.Rooms.All.Count(room => room.Contains(connection))));

        var ended = how switch
        {
            "close" => alice.Connection.CloseAsync(),
            "throw" => alice.Client.SendAsync(WireFrame.MaskedText("throw")),
            "peer closes" => alice.Client.SendAsync(WireFrame.MaskedClose(1000)),
            _ => Task.CompletedTask,
        };
        if (how == "abort")
            alice.Connection.Abort();
        else if (how == "peer aborts")
            alice.Client.Abort();
        else if (how == "peer ends")
            alice.Client.EndSending();

        await Eventually.HoldsAsync(() => seen.Count == 50);
        Assert.All(seen, state => Assert.Equal((0, 0), state));
        Assert.False(server.Rooms["room 1"].Join(alice.Connection));
        Assert.Equal(Enumerable.Repeat(1, 50), server.Rooms.All.Select(room => room.Count));
        Assert.Equal(new BroadcastResult(1, 0), server.Rooms["room 1"].Broadcast("to bob"));
        Assert.Equal(["to bob"], await bob.ReadAsync(1));
        alice.Client.Abort();
        await ended;
    }

    [Fact]
    public async Task A_connection_that_is_closing_joins_nothing_and_nobody_is_told()
    {
        await using var server = await RoomServer.StartAsync();
        await using var alice = await server.OpenAsync();
        var told = 0;
        server.Rooms.Joined += (_, _) => told++;
        server.Rooms.Left += (_, _) => told++;
        _ = alice.Connection.CloseAsync();

        Assert.False(server.Rooms["lobby"].Join(alice.Connection));
        Assert.Equal((0, 0), (server.Rooms.Count, told));
    }

    [Fact]
    public async Task A_connection_of_another_server_is_refused()
    {
        await using var server = await RoomServer.StartAsync();
        await using var other = await RoomServer.StartAsync();
        await using var alice = await other.OpenAsync();

        Assert.Throws<ArgumentException>(() => server.Rooms["lobby"].Join(alice.Connection));
        Assert.Equal(0, server.Rooms.Count);
        Assert.True(other.Rooms["lobby"].Join(alice.Connection));
    }

    [Fact]
    public async Task Joins_that_race_with_the_end_of_a_connection_leave_no_member_behind()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync());
        using var _ = metrics;
        await using var __ = server;
        for (var round = 0; round < 300; round++)
        {
            await using var alice = await server.OpenAsync();
            var connection = alice.Connection;
            if (round % 2 == 0)
                server.Rooms["before"].Join(connection);

            await AtOnceAsync(Enumerable.Range(0, 4), number =>
            {
                for (var i = 0; i < 5 && number > 0; i++)
                {
                    server.Rooms[$"room {i}"].Join(connection);
                    if (number == 3)
                        server.Rooms[$"room {i}"].Leave(connection);
                }

                if (number == 0)
                    connection.Abort();
            });
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0 && server.Rooms.Count == 0);
        await Eventually.HoldsAsync(() => metrics["rawws.room.memberships"] == 0);
        Assert.Equal(0, metrics["rawws.rooms"]);
        Assert.Equal(0, server.Server.Everyone.Broadcast("nobody").Recipients);
    }

    private static Task AtOnceAsync<T>(IEnumerable<T> items, Action<T> action)
    {
        var all = items.ToArray();
        var barrier = new Barrier(all.Length);
        return Task.WhenAll(all.Select(item => Task.Factory.StartNew(
            () =>
            {
                Assert.True(barrier.SignalAndWait(LongestWait));
                action(item);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }
}
