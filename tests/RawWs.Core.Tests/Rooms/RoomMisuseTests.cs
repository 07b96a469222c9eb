using RawWs.Testing;

namespace RawWs.Tests.Rooms;

/// <summary>What users of rooms do that was not foreseen.</summary>
public sealed class RoomMisuseTests
{
    [Fact]
    public async Task Two_of_one_name_are_the_same_room()
    {
        await using var server = await RoomServer.StartAsync();
        await using var other = await RoomServer.StartAsync();

        Assert.True(server.Rooms["a"] == server.Rooms["a"]);
        Assert.True(server.Rooms["a"] != server.Rooms["b"]);
        Assert.NotEqual(server.Rooms["a"], other.Rooms["a"]);
        Assert.Equal(server.Rooms["a"].GetHashCode(), server.Rooms["a"].GetHashCode());
        Assert.False(server.Rooms["a"].Equals(null));
    }

    [Fact]
    public async Task Rooms_of_another_server_and_null_are_refused()
    {
        await using var server = await RoomServer.StartAsync();
        await using var other = await RoomServer.StartAsync();

        Assert.Throws<ArgumentException>(() => server.Rooms["a"].Except(other.Rooms["a"]));
        Assert.Throws<ArgumentNullException>(() => server.Rooms["a"].Except((Room)null!));
        Assert.Throws<ArgumentNullException>(() => server.Rooms["a"].Except((WebSocketConnection)null!));
        Assert.Throws<ArgumentException>(() => server.Rooms[""]);
        Assert.Throws<ArgumentNullException>(() => server.Rooms[(string)null!]);
    }

    // What peers can bring about closes their connection, with a code that says it, and is no error of the application's.
    [Theory]
    [InlineData(false, 1008)]
    [InlineData(true, 1008)]
    [InlineData(false, 1013)]
    [InlineData(true, 1013)]
    public async Task A_limit_on_rooms_closes_whoever_meets_it_in_a_session_and_in_a_handler(bool isHandler, int code)
    {
        WebSocketServer? rooms = null;
        var events = new WebSocketEvents
        {
            OnOpen = connection =>
            {
                Join(connection);
                return default;
            },
            OnError = (_, _) => throw new InvalidOperationException("That was no error."),
        };
        await using var server = await TestServer.StartAsync(
            (connection, cancellationToken) =>
            {
                if (isHandler)
                    return events.RunAsync(connection, cancellationToken);

                Join(connection);
                return Task.CompletedTask;
            },
            options => (options.MaxRoomCount, options.MaxRoomNameLength) = (code == 1013 ? 1 : 10, 5));
        rooms = server.Server;
        await using var client = await server.OpenAsync();

        Assert.Equal(code, (await client.ReadFrameAsync()).CloseCode);
        Assert.All(server.Log.AboveDebug, line => Assert.StartsWith("Warning: Refused or closed a peer: room", line, StringComparison.Ordinal));

        void Join(WebSocketConnection connection)
        {
            rooms!.Rooms["one"].Join(connection);
            rooms.Rooms[code == 1013 ? "two" : "too long"].Join(connection);
        }
    }

    [Fact]
    public async Task A_handler_that_throws_keeps_no_other_from_being_called()
    {
        await using var server = await RoomServer.StartAsync();
        var peer = (await server.OpenManyAsync(1))[0];
        var count = 0;
        server.Rooms["lobby"].Join(peer.Connection);
        server.Rooms["lobby"].Leave(peer.Connection);
        server.Rooms.Joined += (_, _) => throw new InvalidOperationException("first");
        server.Rooms.Joined += (_, _) => count++;

        server.Rooms["lobby"].Join(peer.Connection);
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task A_message_that_is_too_large_to_keep_lets_nobody_elses_go()
    {
        await using var server = await RoomServer.StartAsync(options => options.RoomOptions = _ => new RoomOptions { HistoryCount = 10, MaxHistorySize = 100 });
        var peer = (await server.OpenManyAsync(1))[0];
        server.Rooms["lobby"].Broadcast("kept");
        server.Rooms["lobby"].Broadcast(new string('x', 101));

        server.Rooms["lobby"].Join(peer.Connection);
        server.Rooms["lobby"].Broadcast("next");
        Assert.Equal(["kept", "next"], await peer.ReadAsync(2));
    }

    // A command of the application's lets a peer join and leave as often as it likes, and the peer reads nothing.
    [Fact]
    public async Task Who_joins_again_and_again_for_the_history_is_no_exception_to_the_queues_limit()
    {
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.MaxSendQueueSize = 1000;
            options.RoomOptions = _ => new RoomOptions { HistoryCount = 10 };
        });
        var peer = (await server.OpenManyAsync(1, capacity: 1))[0];
        server.Rooms["lobby"].Broadcast(new string('x', 600));

        for (var count = 0; count < 100 && peer.Connection.IsOpen; count++)
        {
            server.Rooms["lobby"].Join(peer.Connection);
            server.Rooms["lobby"].Leave(peer.Connection);
            Assert.InRange(peer.Connection.BufferedBytes, 0, 3000);
        }

        Assert.False(peer.Connection.IsOpen);
        Assert.Contains(server.Log.AboveDebug, line => line.Contains("slow_reader", StringComparison.Ordinal));
    }

    // Whoever may choose the names of rooms could fill the memory with what was said in them.
    [Fact]
    public async Task All_histories_together_have_a_limit_and_empty_rooms_go_first()
    {
        const int Cost = 1000 + 64;
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.MaxHistoryMemory = 10 * Cost;
            options.RoomOptions = _ => new RoomOptions { HistoryCount = 100 };
        });
        var peer = (await server.OpenManyAsync(1, capacity: 1 << 20))[0];
        server.Rooms["lived in"].Join(peer.Connection);
        var message = PreparedMessage.FromText(new string('x', 1000));
        for (var count = 0; count < 1000; count++)
            server.Rooms[$"empty {count}"].Broadcast(message);

        Assert.Equal((10 * Cost, 11), (server.Rooms.Histories.Taken, server.Rooms.Count));
        for (var count = 0; count < 100; count++)
            server.Rooms["lived in"].Broadcast(message);

        Assert.Equal((10 * Cost, 1), (server.Rooms.Histories.Taken, server.Rooms.Count));
        await using var late = await server.OpenAsync(capacity: 1 << 20);
        server.Rooms["lived in"].Join(late.Connection);
        Assert.Equal(10, (await late.ReadAsync(10)).Length);

        server.Rooms["lived in"].Broadcast(PreparedMessage.FromText(new string('x', 20_000)));
        server.Rooms["lived in"].Leave(peer.Connection);
        server.Rooms["lived in"].Leave(late.Connection);
        Assert.Equal((10 * Cost, 1), (server.Rooms.Histories.Taken, server.Rooms.Count));
        server.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((0, 0), (server.Rooms.Histories.Taken, server.Rooms.Count));
    }

    [Fact]
    public async Task Who_joins_again_may_be_called_otherwise()
    {
        await using var server = await RoomServer.StartAsync();
        var peer = (await server.OpenManyAsync(1))[0];
        var lobby = server.Rooms["lobby"];

        Assert.True(lobby.Join(peer.Connection, "Ada"));
        Assert.False(lobby.Join(peer.Connection, "Countess"));
        Assert.False(lobby.Join(peer.Connection));
        Assert.Equal([new RoomMember(peer.Connection.Id, "Countess")], lobby.Presence);
    }

    [Fact]
    public async Task A_key_asks_for_conflation_unless_somebody_says_otherwise()
    {
        var options = new SendOptions { ConflationKey = "k" };
        await using var server = await RoomServer.StartAsync();
        var connection = (await server.OpenManyAsync(1))[0].Connection;

        Assert.Equal(SlowConsumerPolicy.Conflate, connection.BroadcastPolicyOf(options, SlowConsumerPolicy.DropNewest));
        Assert.Equal(SlowConsumerPolicy.DropOldest, connection.BroadcastPolicyOf(options with { Policy = SlowConsumerPolicy.DropOldest }));
        connection.SlowConsumerPolicy = SlowConsumerPolicy.Wait;
        Assert.Equal(SlowConsumerPolicy.Wait, connection.BroadcastPolicyOf(options));
    }

    [Fact]
    public async Task A_window_longer_than_the_timeout_is_refused_before_anything_stops()
    {
        await using var server = await RoomServer.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => server.Server.StopAsync(new DrainOptions { Window = TimeSpan.FromSeconds(60), Timeout = TimeSpan.FromSeconds(1) }, CancellationToken.None));
        Assert.True(server.Server.IsReady);
    }
}
