namespace RawWs.Tests.Rooms;

public sealed class RoomHistoryTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_history_has_so_many_messages_and_so_many_bytes()
    {
        await using var server = await StartAsync(new RoomOptions { HistoryCount = 3, MaxHistorySize = 10 });
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        var lobby = server.Rooms["lobby"];
        foreach (var text in (string[])["1", "2", "3", "4"])
            lobby.Broadcast(text);

        lobby.Join(alice.Connection);
        lobby.Broadcast("56789012");
        lobby.Broadcast("345");
        lobby.Join(bob.Connection);
        lobby.Broadcast("end");

        Assert.Equal(["2", "3", "4", "56789012", "345", "end"], await alice.ReadAsync(6));
        Assert.Equal(["345", "end"], await bob.ReadAsync(2));
    }

    [Fact]
    public async Task A_message_that_is_larger_than_a_history_leaves_no_room_behind()
    {
        await using var server = await StartAsync(new RoomOptions { HistoryCount = 3, MaxHistorySize = 2 });
        await using var alice = await server.OpenAsync();
        server.Rooms["lobby"].Broadcast("long");
        Assert.Equal(0, server.Rooms.Count);

        server.Rooms["lobby"].Broadcast("ok");
        Assert.Equal(1, server.Rooms.Count);
        server.Rooms["lobby"].Broadcast("long");
        Assert.Equal(1, server.Rooms.Count);
    }

    [Fact]
    public async Task A_history_outlives_the_last_member_for_its_time_and_no_longer()
    {
        await using var server = await StartAsync(new RoomOptions { HistoryCount = 3, HistoryTimeout = TimeSpan.FromMinutes(1) });
        await using var alice = await server.OpenAsync();
        var lobby = server.Rooms["lobby"];
        lobby.Join(alice.Connection);
        lobby.Broadcast("one");
        lobby.Leave(alice.Connection);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((1, 0), (server.Rooms.Count, lobby.Count));

        // Who has come back keeps it, and its time begins anew.
        lobby.Join(alice.Connection);
        server.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, lobby.Count);
        lobby.Leave(alice.Connection);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, server.Rooms.Count);

        // So does a message.
        lobby.Broadcast("two");
        server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, server.Rooms.Count);
        server.Time.Advance(3 * Tick);
        Assert.Equal(0, server.Rooms.Count);

        lobby.Join(alice.Connection);
        lobby.Broadcast("three");
        Assert.Equal(["one", "one", "three"], await alice.ReadAsync(3));
    }

    [Fact]
    public async Task A_history_without_time_goes_with_the_last_member()
    {
        await using var server = await StartAsync(new RoomOptions { HistoryCount = 3, HistoryTimeout = TimeSpan.Zero });
        await using var alice = await server.OpenAsync();
        var lobby = server.Rooms["lobby"];
        lobby.Broadcast("nobody hears");
        Assert.Equal(0, server.Rooms.Count);
        lobby.Join(alice.Connection);
        lobby.Broadcast("one");
        lobby.Leave(alice.Connection);
        Assert.Equal(0, server.Rooms.Count);
        lobby.Join(alice.Connection);
        lobby.Broadcast("two");
        Assert.Equal(["one", "two"], await alice.ReadAsync(2));
    }

    [Fact]
    public async Task Where_there_are_too_many_rooms_the_history_that_was_left_first_goes()
    {
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.MaxRoomCount = 3;
            options.RoomOptions = name => name[0] == 'h' ? new RoomOptions { HistoryCount = 1 } : null;
        });
        await using var alice = await server.OpenAsync();
        foreach (var name in (string[])["h1", "h2", "h3"])
            server.Rooms[name].Broadcast("kept");

        server.Rooms["h1"].Broadcast("anew");
        server.Rooms["a"].Join(alice.Connection);
        Assert.Equal(["a", "h1", "h3"], Names());
        server.Rooms["h4"].Broadcast("kept");
        Assert.Equal(["a", "h1", "h4"], Names());
        server.Rooms["h1"].Join(alice.Connection);
        server.Rooms["b"].Join(alice.Connection);
        Assert.Equal(["a", "b", "h1"], Names());

        // With members everywhere nobody has to go, and nothing more is kept.
        Assert.Equal(new BroadcastResult(0, 0), server.Rooms["h5"].Broadcast("lost"));
        Assert.Throws<RoomLimitException>(() => server.Rooms["c"].Join(alice.Connection));
        Assert.Equal(["a", "b", "h1"], Names());
        Assert.Equal(3, server.Rooms.Count);

        IEnumerable<string> Names() => server.Rooms.All.Select(room => room.Name).Order();
    }

    [Fact]
    public async Task Who_may_not_join_takes_no_history_along()
    {
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.MaxRoomsPerConnection = 1;
            options.RoomOptions = _ => new RoomOptions { HistoryCount = 1, HistoryTimeout = TimeSpan.FromMinutes(1) };
        });
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);
        server.Rooms["b"].Broadcast("kept");

        Assert.Throws<RoomLimitException>(() => server.Rooms["b"].Join(alice.Connection));
        server.Rooms["b"].Join(bob.Connection);
        server.Rooms["b"].Broadcast("end");

        Assert.Equal(["kept"], await bob.ReadUntilAsync("end"));
    }

    [Fact]
    public async Task A_room_that_is_named_twice_keeps_a_message_once()
    {
        await using var server = await StartAsync(new RoomOptions { HistoryCount = 10 });
        await using var alice = await server.OpenAsync();
        server.Rooms["a", "b", "a"].Broadcast("one");
        server.Rooms["a"].Join(alice.Connection);
        server.Rooms["a"].Broadcast("two");
        Assert.Equal(["one", "two"], await alice.ReadAsync(2));
    }

    // The key is asked for when the message is in the history already, and nobody has been sent it yet.
    [Fact]
    public async Task Who_joins_while_a_message_is_on_its_way_is_sent_it_once()
    {
        Action? join = null;
        await using var server = await StartAsync(new RoomOptions
        {
            HistoryCount = 10,
            ConflationKey = _ =>
            {
                join?.Invoke();
                return null;
            },
        });
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        var lobby = server.Rooms["lobby"];
        lobby.Join(alice.Connection);
        join = () => lobby.Join(bob.Connection);

        lobby.Broadcast("one");
        lobby.Broadcast("two");
        Assert.Equal(["one", "two"], await alice.ReadAsync(2));
        Assert.Equal(["one", "two"], await bob.ReadAsync(2));
    }

    // In one room after the other two publishers count, while everybody joins. Who joins sees, of each, the last numbers in the history and then every one
    // that follows.
    [Fact]
    public async Task Between_the_history_and_what_follows_there_is_neither_gap_nor_double()
    {
        const int RoomCount = 100, Count = 30;
        await using var server = await StartAsync(new RoomOptions { HistoryCount = 8 });
        var peers = await server.OpenManyAsync(20, capacity: 1024 * 1024);
        var rooms = Enumerable.Range(0, RoomCount).Select(number => server.Rooms[$"{number}"]).ToArray();
        var barrier = new Barrier(3);
        await Task.WhenAll(
            Alone(room => Publish(room, 0)),
            Alone(room => Publish(room, 1)),
            Alone(room => Assert.All(peers, peer => Assert.True(room.Join(peer.Connection)))));
        server.Server.Everyone.Broadcast("end");

        foreach (var peer in peers)
        {
            var texts = await peer.ReadUntilAsync("end");
            Assert.Equal(RoomCount, texts.Select(text => text.Split(' ')[0]).Distinct().Count());
            foreach (var ofOne in texts.Select(text => text.Split(' ')).GroupBy(parts => (parts[0], parts[1])))
            {
                var numbers = ofOne.Select(parts => int.Parse(parts[2], null)).ToArray();
                Assert.Equal(Enumerable.Range(numbers[0], Count - numbers[0]), numbers);
            }
        }

        void Publish(Room room, int publisher)
        {
            for (var number = 0; number < Count; number++)
                room.Broadcast($"{room.Name} {publisher} {number}");
        }

        Task Alone(Action<Room> action) => Task.Factory.StartNew(
            () =>
            {
                foreach (var room in rooms)
                {
                    Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(30))); // So that what would hang fails.
                    action(room);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private static Task<RoomServer> StartAsync(RoomOptions options) => RoomServer.StartAsync(server => server.RoomOptions = _ => options);
}
