using System.Collections.Concurrent;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Rooms;

public sealed class BackplaneTests
{
    [Fact]
    public async Task A_broadcast_is_delivered_here_and_then_handed_over_once()
    {
        var backplane = new Backplane();
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.RoomBackplane = backplane;
            options.RoomOptions = _ => new RoomOptions { Notice = change => change.Member.Info, ConflationKey = _ => "key" };
        });
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection, "Alice");
        server.Rooms["a"].Join(bob.Connection, "Bob");

        server.Rooms["a", "b"].Except(server.Rooms["c"]).Broadcast("one", options: new SendOptions { Uncompressed = true });
        await server.Rooms["a"].BroadcastAsync("two", except: alice.Connection);
        server.Server.Everyone.Broadcast("three");

        Assert.Equal(["Bob", "one", "three"], await alice.ReadAsync(3));
        Assert.Equal(["one", "two", "three"], await bob.ReadAsync(3));

        // Notices are each node's own, and so is what its options make of a message.
        Assert.Equal(
            [("a b", "c", "one", true), ("a", "", "two", false), ("", "", "three", false)],
            backplane.Published.Select(each => (string.Join(' ', each.Rooms), string.Join(' ', each.ExceptRooms), TextOf(each.Message), each.Options.Uncompressed)));
        Assert.All(backplane.Published, each => Assert.Null(each.Options.ConflationKey));
    }

    [Fact]
    public async Task What_other_nodes_publish_is_delivered_and_kept_here_and_not_published_again()
    {
        var backplane = new Backplane();
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.RoomBackplane = backplane;
            options.RoomOptions = _ => new RoomOptions { HistoryCount = 10 };
        });
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);
        server.Rooms["b"].Join(alice.Connection);
        server.Rooms["muted"].Join(bob.Connection);
        var receiver = await backplane.Receiver;

        receiver.Deliver(new RoomPublication { Rooms = ["a", "b", "a"], Message = "once" });
        receiver.Deliver(new RoomPublication { Rooms = [], ExceptRooms = ["muted"], Message = "not to bob" });
        receiver.Deliver(new RoomPublication { Rooms = [], Message = "all" });
        server.Rooms["a"].Join(bob.Connection);
        receiver.Deliver(new RoomPublication { Rooms = ["a"], Message = "end" });

        Assert.Equal(["once", "not to bob", "all", "end"], await alice.ReadAsync(4));
        Assert.Equal(["all", "once", "end"], await bob.ReadAsync(3));
        Assert.Empty(backplane.Published);
    }

    [Fact]
    public async Task Nothing_that_a_backplane_throws_reaches_anybody_and_all_of_it_is_counted()
    {
        var backplane = new Backplane { StartError = new InvalidOperationException("start"), PublishError = new InvalidOperationException("publish"), StopError = new InvalidOperationException("stop") };
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options => options.RoomBackplane = backplane));
        using var _ = metrics;
        await using (server)
        {
            await using var alice = await server.OpenAsync();
            server.Rooms["a"].Join(alice.Connection);
            for (var number = 0; number < 10; number++)
                Assert.Equal(new BroadcastResult(1, 0), number % 2 == 0 ? server.Rooms["a"].Broadcast($"{number}") : await server.Rooms["a"].BroadcastAsync($"{number}"));

            // Said once in ten seconds, and how often.
            server.Time.Advance(TimeSpan.FromSeconds(10));
            server.Rooms["a"].Broadcast("10");
            Assert.Equal(11, (await alice.ReadAsync(11)).Length);
            await Eventually.HoldsAsync(() => metrics["rawws.backplane.errors"] == 12 && server.Log.Entries.Any(entry => entry.Error == backplane.StartError));
        }

        var errors = server.Log.Entries.Where(entry => entry.Error is InvalidOperationException).ToArray();
        Assert.Equal(["publish", "publish", "start", "stop"], errors.Select(entry => entry.Error!.Message).Order()); // It is one of those.
        Assert.Contains(errors, entry => entry.Message.Contains("; 10 broadcasts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backplane_is_disposed_even_if_what_it_does_when_it_is_cancelled_throws()
    {
        var backplane = new Backplane { CancelError = new InvalidOperationException("cancel"), StopError = new InvalidOperationException("stop") };
        var server = await RoomServer.StartAsync(options => options.RoomBackplane = backplane);
        await backplane.Receiver;

        await server.DisposeAsync();

        // Nobody waits for it beyond the deadline.
        await Eventually.HoldsAsync(() => server.Log.Entries.Any(entry => entry.Error == backplane.StopError));
        Assert.True(backplane.IsDisposed);
        Assert.Contains(server.Log.Entries, entry => entry.Error?.GetBaseException() == backplane.CancelError);
    }

    [Fact]
    public async Task A_backplane_that_blocks_at_its_start_holds_up_nobody()
    {
        using var never = new ManualResetEventSlim();
        var backplane = new Backplane { Starting = never.Wait };
        await using (var server = await RoomServer.StartAsync(options => options.RoomBackplane = backplane))
        {
            await using var alice = await server.OpenAsync();
            server.Rooms["a"].Join(alice.Connection);
            Assert.Equal(new BroadcastResult(1, 0), server.Rooms["a"].Broadcast("one"));
            Assert.Equal(["one"], await alice.ReadAsync(1));
        }

        Assert.True(backplane.IsDisposed);
        never.Set();
    }

    [Fact]
    public async Task What_is_wrong_with_a_publication_does_not_reach_the_backplane()
    {
        var backplane = new Backplane();
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options =>
        {
            options.RoomBackplane = backplane;
            options.RoomOptions = name => name == "bad" ? throw new InvalidOperationException("options") : null;
        }));
        using var _ = metrics;
        await using var __ = server;
        await using var alice = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);
        var receiver = await backplane.Receiver;

        receiver.Deliver(new RoomPublication { Rooms = ["bad"], Message = "one" });
        receiver.Deliver(new RoomPublication { Rooms = ["a"], Message = "two" });
        Assert.Equal(["two"], await alice.ReadAsync(1));
        Assert.Contains(server.Log.Entries, entry => entry.Error?.Message == "options");
        Assert.Equal(1, metrics["rawws.backplane.errors"]);
    }

    [Fact]
    public async Task After_the_stop_nothing_is_received_and_nothing_published()
    {
        var backplane = new Backplane();
        var server = await RoomServer.StartAsync(options => options.RoomBackplane = backplane);
        var receiver = await backplane.Receiver;
        await server.DisposeAsync();

        server.Rooms["a"].Broadcast("one");
        receiver.Deliver(new RoomPublication { Rooms = ["a"], Message = "two" });
        Assert.Empty(backplane.Published);
        Assert.True(backplane.IsDisposed);
    }

    [Fact]
    public async Task Several_nodes_deliver_at_once_and_each_ones_messages_stay_in_order()
    {
        const int Count = 1_000;
        var backplane = new Backplane();
        await using var server = await RoomServer.StartAsync(options => options.RoomBackplane = backplane);
        var peers = await server.OpenManyAsync(5);
        foreach (var peer in peers)
            server.Rooms["a"].Join(peer.Connection);

        var reading = peers.Select(peer => peer.ReadUntilAsync("last")).ToArray();
        var receiver = await backplane.Receiver;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(node => Task.Run(() =>
        {
            for (var number = 0; number < Count; number++)
                receiver.Deliver(new RoomPublication { Rooms = ["a", "b"], Message = $"{node} {number}" });
        })));
        receiver.Deliver(new RoomPublication { Rooms = ["a"], Message = "last" });

        foreach (var texts in await Task.WhenAll(reading))
        {
            foreach (var ofOne in texts.GroupBy(text => text[0]))
                Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{ofOne.Key} {number}"), ofOne);
        }
    }

    [Fact]
    public async Task A_loss_is_told_where_it_is_counted_and_whatever_handlers_throw()
    {
        var backplane = new Backplane();
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options =>
        {
            options.RoomBackplane = backplane;
            options.RoomOptions = _ => new RoomOptions { HistoryCount = 10 };
        }));
        using var _ = metrics;
        await using var started = server;
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);
        server.Rooms.MessagesLost += () => throw new InvalidOperationException("handler");
        server.Rooms.MessagesLost += () => server.Rooms["a"].OnThisNode.Broadcast("gap");
        var receiver = await backplane.Receiver;

        receiver.Deliver(new RoomPublication { Rooms = ["a"], Message = "before" });
        receiver.ReportLoss();
        receiver.Deliver(new RoomPublication { Rooms = ["a"], Message = "behind" });
        server.Rooms["a"].Join(bob.Connection);

        Assert.Equal(["before", "gap", "behind"], await alice.ReadAsync(3));
        Assert.Equal(["before", "gap", "behind"], await bob.ReadAsync(3));
        Assert.Empty(backplane.Published);
        Assert.Equal(1, metrics["rawws.backplane.losses"]);
        Assert.Contains(server.Log.Entries, entry => entry.Error?.Message == "handler");
    }

    [Fact]
    public async Task What_is_for_this_node_stays_here_whatever_else_is_left_out()
    {
        var backplane = new Backplane();
        await using var server = await RoomServer.StartAsync(options => options.RoomBackplane = backplane);
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);
        server.Rooms["a"].Join(bob.Connection);
        server.Rooms["muted"].Join(bob.Connection);

        server.Rooms["a"].OnThisNode.Except(server.Rooms["muted"]).Broadcast("one");
        await server.Server.Everyone.Except(bob.Connection).OnThisNode.BroadcastAsync("two");
        server.Rooms["a"].Broadcast("three");

        Assert.Equal(["one", "two", "three"], await alice.ReadAsync(3));
        Assert.Equal(["three"], await bob.ReadAsync(1));
        Assert.Equal("three", TextOf(Assert.Single(backplane.Published).Message));
    }

    [Fact]
    public async Task A_backplane_can_ask_how_many_are_here()
    {
        var backplane = new Backplane();
        await using var server = await RoomServer.StartAsync(options => options.RoomBackplane = backplane);
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        server.Rooms["a"].Join(alice.Connection);
        var receiver = await backplane.Receiver;

        Assert.Equal((1, 0, 2), (receiver.CountMembers("a"), receiver.CountMembers("b"), receiver.CountMembers(null)));
    }

    private static string TextOf(PreparedMessage message) => System.Text.Encoding.UTF8.GetString(message.Payload.Span);

    private sealed class Backplane : IRoomBackplane
    {
        private readonly TaskCompletionSource<IRoomReceiver> _receiver = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Action? Starting { get; init; }

        public Exception? StartError { get; init; }

        public Exception? CancelError { get; init; }

        public Exception? PublishError { get; init; }

        public Exception? StopError { get; init; }

        public ConcurrentQueue<RoomPublication> Published { get; } = new();

        public Task<IRoomReceiver> Receiver => _receiver.Task;

        public bool IsDisposed { get; private set; }

        public ValueTask StartAsync(IRoomReceiver receiver, CancellationToken cancellationToken)
        {
            Starting?.Invoke();
            if (CancelError is not null)
                cancellationToken.Register(() => throw CancelError);

            _receiver.TrySetResult(receiver);
            return StartError is null ? default : throw StartError;
        }

        public void Publish(RoomPublication publication)
        {
            if (PublishError is not null)
                throw PublishError;

            Published.Enqueue(publication);
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return StopError is null ? default : throw StopError;
        }
    }
}
