using System.Collections.Concurrent;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Rooms;

public sealed class RoomEventTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_first_creates_a_room_and_the_last_empties_it()
    {
        await using var server = await RoomServer.StartAsync();
        var peers = await server.OpenManyAsync(2);
        var events = Record(server.Rooms);
        foreach (var peer in peers)
            server.Rooms["lobby"].Join(peer.Connection);

        foreach (var peer in peers)
            server.Rooms["lobby"].Leave(peer.Connection);

        var (first, second) = (peers[0].Connection.Id, peers[1].Connection.Id);
        Assert.Equal(["created lobby", $"joined lobby {first}", $"joined lobby {second}", $"left lobby {first}", $"left lobby {second}", "emptied lobby"], events);
    }

    [Fact]
    public async Task Each_event_is_raised_whether_anybody_listens_to_the_others_or_not()
    {
        var events = new List<string>();
        await RunAsync(rooms => rooms.Created += room => events.Add($"created {room.Name}"));
        await RunAsync(rooms => rooms.Joined += (room, _) => events.Add($"joined {room.Name}"));
        await RunAsync(rooms => rooms.Left += (room, _) => events.Add($"left {room.Name}"));
        await RunAsync(rooms => rooms.Emptied += room => events.Add($"emptied {room.Name}"));

        Assert.Equal(["created lobby", "joined lobby", "left lobby", "emptied lobby"], events);

        static async Task RunAsync(Action<RoomDirectory> listen)
        {
            await using var server = await RoomServer.StartAsync();
            await using var alice = await server.OpenAsync();
            listen(server.Rooms);
            server.Rooms["lobby"].Join(alice.Connection);
            server.Rooms["lobby"].Leave(alice.Connection);
        }
    }

    [Fact]
    public async Task When_the_first_handler_is_told_that_a_connection_has_ended_it_counts_in_no_room_any_more()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync());
        using var _ = metrics;
        await using var __ = server;
        await using var alice = await server.OpenAsync();
        foreach (var name in (string[])["a", "b", "c"])
            server.Rooms[name].Join(alice.Connection);

        var counted = new ConcurrentQueue<long>();
        server.Rooms.Left += (_, _) => counted.Enqueue(metrics["rawws.room.memberships"]);
        alice.Client.Abort();

        await Eventually.HoldsAsync(() => counted.Count == 3);
        Assert.Equal([0, 0, 0], counted);
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged_and_changes_nothing()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options => options.RoomOptions = _ => new RoomOptions
        {
            Notice = _ => throw new InvalidOperationException("notice"),
        }));
        using var _ = metrics;
        await using var __ = server;
        await using var alice = await server.OpenAsync();
        server.Rooms.Created += _ => throw new InvalidOperationException("created");
        server.Rooms.Joined += (_, _) => throw new InvalidOperationException("joined");
        server.Rooms.Left += (_, _) => throw new InvalidOperationException("left");
        server.Rooms.Emptied += _ => throw new InvalidOperationException("emptied");
        var events = Record(server.Rooms);

        Assert.True(server.Rooms["lobby"].Join(alice.Connection));
        Assert.True(server.Rooms["lobby"].Leave(alice.Connection));
        Assert.Equal(0, server.Rooms.Count);
        Assert.Equal(6, metrics["rawws.session.errors"]);
        Assert.Equal(
            ["notice", "created", "joined", "notice", "left", "emptied"],
            server.Log.Entries.Where(entry => entry.Error is InvalidOperationException).Select(entry => entry.Error?.Message));
        Assert.Equal(["created lobby", "joined lobby 1", "left lobby 1", "emptied lobby"], events);
    }

    [Fact]
    public async Task A_handler_may_join_leave_and_broadcast()
    {
        await using var server = await RoomServer.StartAsync();
        await using var alice = await server.OpenAsync();
        var events = Record(server.Rooms);
        server.Rooms.Joined += (room, connection) =>
        {
            room.Broadcast($"joined {room.Name}");
            switch (room.Name)
            {
                case "a":
                    server.Rooms["b"].Join(connection);
                    break;

                case "b":
                    server.Rooms["a"].Leave(connection);
                    break;
            }
        };
        server.Rooms.Emptied += room => server.Rooms["c"].Join(alice.Connection);

        Assert.True(server.Rooms["a"].Join(alice.Connection));
        Assert.Equal(["b", "c"], server.Rooms.All.Select(room => room.Name).Order());
        Assert.Equal(["joined a", "joined b", "joined c"], await alice.ReadAsync(3));

        var id = alice.Connection.Id;
        Assert.Equal(["created a", $"joined a {id}", $"left a {id}", "emptied a"], events.Where(text => text.Split(' ')[1] == "a"));
    }

    [Fact]
    public async Task Events_of_a_room_come_one_after_the_other_and_in_order_however_often_it_is_made_again()
    {
        await using var server = await RoomServer.StartAsync();
        var peers = await server.OpenManyAsync(4);
        var members = new HashSet<long>();
        var (isBusy, isMade, count, faults) = (0, false, 0, new ConcurrentQueue<string>());
        server.Rooms.Created += _ => Check(isMade || members.Count > 0 ? "created twice" : null, () => isMade = true);
        server.Rooms.Joined += (_, connection) => Check(!isMade || !members.Add(connection.Id) ? "joined twice, or too early" : null);
        server.Rooms.Left += (_, connection) => Check(members.Remove(connection.Id) ? null : "left before it joined");
        server.Rooms.Emptied += _ => Check(!isMade || members.Count > 0 ? "emptied with members" : null, () => isMade = false);

        await Task.WhenAll(peers.Select(peer => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                Assert.True(server.Rooms["lobby"].Join(peer.Connection));
                Assert.True(server.Rooms["lobby"].Leave(peer.Connection));
            }
        })));

        Assert.Empty(faults);
        Assert.Equal((0, false), (members.Count, isMade));
        Assert.InRange(count, 4 * 20_000 + 2, int.MaxValue);
        Assert.Equal(0, server.Rooms.Count);

        void Check(string? fault, Action? then = null)
        {
            if (Interlocked.Exchange(ref isBusy, 1) == 1)
                faults.Enqueue("two at once");

            if (fault is not null)
                faults.Enqueue(fault);

            count++;
            then?.Invoke();
            Volatile.Write(ref isBusy, 0);
        }
    }

    [Fact]
    public async Task What_happens_while_a_handler_works_is_told_when_it_is_done_by_the_thread_that_it_is_on()
    {
        await using var server = await RoomServer.StartAsync();
        var peers = await server.OpenManyAsync(2);
        var (first, second) = (peers[0].Connection, peers[1].Connection);
        var isBegun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var mayEnd = new ManualResetEventSlim();
        server.Rooms.Joined += (_, connection) =>
        {
            if (connection == first)
            {
                isBegun.SetResult();
                mayEnd.Wait(LongestWait);
            }
        };
        var events = Record(server.Rooms);

        var telling = Task.Run(() => server.Rooms["lobby"].Join(first));
        await isBegun.Task.WaitAsync(LongestWait);
        try
        {
            Assert.True(server.Rooms["lobby"].Join(second));
            Assert.Equal(["created lobby"], events);
        }
        finally
        {
            mayEnd.Set();
        }

        Assert.True(await telling);
        Assert.Equal(["created lobby", $"joined lobby {first.Id}", $"joined lobby {second.Id}"], events);
    }

    [Fact]
    public async Task The_others_are_sent_a_notice_of_who_joins_and_leaves()
    {
        await using var server = await RoomServer.StartAsync(options => options.RoomOptions = name => new RoomOptions
        {
            HistoryCount = 10,
            Notice = change => change.Member.Info is { } info ? $"{info} {(change.HasJoined ? "joined" : "left")} {change.Room.Name}" : null,
        });
        var peers = await server.OpenManyAsync(3);
        var lobby = server.Rooms["lobby"];
        lobby.Join(peers[0].Connection, "Alice");
        lobby.Join(peers[1].Connection, "Bob");
        lobby.Join(peers[2].Connection);
        lobby.Leave(peers[2].Connection);
        lobby.Broadcast("hello");
        peers[1].Client.Abort();

        Assert.Equal(["Bob joined lobby", "hello", "Bob left lobby"], await peers[0].ReadAsync(3));

        // It is told what was said, not who came and went.
        lobby.Join(peers[2].Connection);
        lobby.Broadcast("end");
        Assert.Equal(["hello", "end"], await peers[2].ReadAsync(2));
    }

    private static ConcurrentQueue<string> Record(RoomDirectory rooms)
    {
        var events = new ConcurrentQueue<string>();
        rooms.Created += room => events.Enqueue($"created {room.Name}");
        rooms.Joined += (room, connection) => events.Enqueue($"joined {room.Name} {connection.Id}");
        rooms.Left += (room, connection) => events.Enqueue($"left {room.Name} {connection.Id}");
        rooms.Emptied += room => events.Enqueue($"emptied {room.Name}");
        return events;
    }
}
