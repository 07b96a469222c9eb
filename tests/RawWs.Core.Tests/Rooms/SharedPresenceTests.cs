using System.Collections.Concurrent;

namespace RawWs.Tests.Rooms;

/// <summary>Rooms that share their presence: what a backplane is told of members here, and what members here are told of those elsewhere.</summary>
public sealed class SharedPresenceTests
{
    [Fact]
    public async Task A_backplane_is_told_who_joins_changes_and_leaves_in_order_of_rooms_that_share_it()
    {
        var backplane = new PresenceBackplane();

        // Changes are told in both, but in one to members only.
        await using var server = await StartAsync(backplane, name => name == "a" ? new RoomOptions { SharesPresence = true } : new RoomOptions { Notice = _ => null });
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();

        server.Rooms["a"].Join(alice.Connection, "Alice");
        server.Rooms["b"].Join(alice.Connection, "Alice");
        server.Rooms["a"].Join(bob.Connection);
        server.Rooms["a"].Join(bob.Connection, "Bob");
        server.Rooms["a"].Join(bob.Connection, "Bob");
        server.Rooms["a"].Join(bob.Connection);
        server.Rooms["a"].Leave(alice.Connection);
        server.Rooms["b"].Leave(alice.Connection);

        Assert.Equal(["+Alice", "+", "+Bob", "-Alice"], backplane.Told);
    }

    [Fact]
    public async Task Those_of_other_nodes_are_behind_those_of_this_one_and_are_told_like_them()
    {
        var backplane = new PresenceBackplane();
        await using var server = await StartAsync(backplane, _ => new RoomOptions
        {
            SharesPresence = true,
            Notice = change => $"{(change.HasJoined ? '+' : '-')}{change.Member.Info}@{change.Member.Node} in {change.Room.Name}",
        });
        var events = new ConcurrentQueue<string>();
        server.Rooms.Joined += (room, _) => events.Enqueue($"+{room.Name}");
        server.Rooms.Left += (room, _) => events.Enqueue($"-{room.Name}");
        await using var alice = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection, "Alice");
        var receiver = await backplane.Receiver;
        var bob = new RoomMember(1, "Bob", "two");
        backplane.Elsewhere["a"] = [bob];

        receiver.DeliverPresence("a", bob, hasJoined: true);
        receiver.DeliverPresence("nobody here", bob, hasJoined: true);
        receiver.DeliverPresence("a", bob, hasJoined: false);

        Assert.Equal(["+Bob@two in a", "-Bob@two in a"], await alice.ReadAsync(2));
        Assert.Equal([new RoomMember(alice.Connection.Id, "Alice"), bob], server.Rooms["a"].Presence);
        Assert.Empty(server.Rooms["nobody here"].Presence);

        // Members and events are connections, which it has none of here; and nobody is told back what it has told.
        Assert.Equal(1, server.Rooms["a"].Count);
        Assert.Equal(["+a"], events);
        Assert.Equal(["+Alice"], backplane.Told);
    }

    [Fact]
    public async Task Those_of_other_nodes_are_not_told_of_in_a_room_that_does_not_share_its_presence()
    {
        var backplane = new PresenceBackplane();
        await using var server = await StartAsync(backplane, _ => new RoomOptions { Notice = change => change.Member.Info });
        await using var alice = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);

        (await backplane.Receiver).DeliverPresence("a", new RoomMember(1, "Bob", "two"), hasJoined: true);
        server.Rooms["a"].Broadcast("end");

        Assert.Equal(["end"], await alice.ReadAsync(1));
    }

    [Fact]
    public async Task A_backplane_can_ask_who_is_here_and_how_many_of_them_it_wants()
    {
        var backplane = new PresenceBackplane();
        await using var server = await StartAsync(backplane, _ => new RoomOptions());
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection, "Alice");
        server.Rooms["a"].Join(bob.Connection, "Bob");
        backplane.Elsewhere["a"] = [new RoomMember(1, "Cy", "two")];
        var receiver = await backplane.Receiver;

        Assert.Equal(["Alice", "Bob"], receiver.ReadMembers("a", 10).Select(member => member.Info).Order());
        Assert.Single(receiver.ReadMembers("a", 1));
        Assert.Empty(receiver.ReadMembers("b", 10));
    }

    [Fact]
    public async Task A_backplane_that_fails_keeps_nobody_from_joining()
    {
        var backplane = new PresenceBackplane { Error = new InvalidOperationException("presence") };
        await using var server = await StartAsync(backplane, _ => new RoomOptions { SharesPresence = true, Notice = change => change.Member.Info });
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        Assert.True(server.Rooms["a"].Join(alice.Connection, "Alice"));
        Assert.True(server.Rooms["a"].Join(bob.Connection, "Bob"));

        Assert.Equal(["Bob"], await alice.ReadAsync(1));
        Assert.Contains(server.Log.Entries, entry => entry.Error == backplane.Error);
    }

    [Fact]
    public async Task Without_other_nodes_it_changes_nothing()
    {
        await using var server = await RoomServer.StartAsync(options => options.RoomOptions = _ => new RoomOptions { SharesPresence = true });
        await using var alice = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection, "Alice");

        Assert.Equal([new RoomMember(alice.Connection.Id, "Alice")], server.Rooms["a"].Presence);
    }

    private static Task<RoomServer> StartAsync(IRoomBackplane backplane, Func<string, RoomOptions> roomOptions)
        => RoomServer.StartAsync(options => (options.RoomBackplane, options.RoomOptions) = (backplane, roomOptions));

    private sealed class PresenceBackplane : IRoomBackplane
    {
        private readonly TaskCompletionSource<IRoomReceiver> _receiver = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentQueue<string> _told = new();

        public Exception? Error { get; init; }

        public ConcurrentDictionary<string, RoomMember[]> Elsewhere { get; } = new();

        public Task<IRoomReceiver> Receiver => _receiver.Task;

        public string[] Told => [.. _told];

        public ValueTask StartAsync(IRoomReceiver receiver, CancellationToken cancellationToken)
        {
            _receiver.SetResult(receiver);
            return default;
        }

        public void Publish(RoomPublication publication)
        {
            // What is said here is for nobody else.
        }

        public void PublishPresence(string room, RoomMember member, bool hasJoined)
        {
            if (Error is not null)
                throw Error;

            _told.Enqueue($"{(hasJoined ? '+' : '-')}{member.Info}");
        }

        public IReadOnlyList<RoomMember> ReadPresence(string room) => Elsewhere.GetValueOrDefault(room) ?? [];

        public ValueTask DisposeAsync() => default;
    }
}
