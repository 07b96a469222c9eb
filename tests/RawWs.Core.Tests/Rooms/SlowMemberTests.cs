using Microsoft.Extensions.Logging;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Rooms;

public sealed class SlowMemberTests
{
    // The network takes one message for each of the four that never read, and three wait.
    [Fact]
    public async Task Nobody_waits_for_members_that_never_read_whatever_their_policy()
    {
        const int Count = 100;
        var (server, metrics) = await MetricsProbe.WatchAsync(() => RoomServer.StartAsync(options => options.MaxSendQueueCount = 3));
        using var _ = metrics;
        await using var __ = server;
        var lobby = server.Rooms["lobby"];
        var others = await server.OpenManyAsync(999);
        var slow = new Dictionary<SlowConsumerPolicy, Peer>();
        foreach (var policy in Enum.GetValues<SlowConsumerPolicy>())
        {
            slow[policy] = await server.OpenAsync(capacity: 1);
            slow[policy].Connection.SlowConsumerPolicy = policy;
            lobby.Join(slow[policy].Connection);
        }

        foreach (var peer in others)
            lobby.Join(peer.Connection);

        var reading = Task.WhenAll(others.Select(peer => peer.ReadAsync(Count)));
        for (var number = 0; number < Count; number++)
        {
            var result = lobby.Broadcast($"{number}", options: new SendOptions { ConflationKey = $"{number % 2}" });
            Assert.Equal(number < 5 ? 1004 : 1002, result.Recipients);
            Assert.Equal(number switch { < 4 => 0, 4 => 3, _ => 1 }, result.Dropped);
        }

        foreach (var texts in await reading)
            Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), texts);

        // A broadcast that is not awaited can't wait.
        Assert.False(slow[SlowConsumerPolicy.Wait].Connection.IsOpen);
        Assert.False(slow[SlowConsumerPolicy.Disconnect].Connection.IsOpen);
        Assert.Equal(1002, server.Server.Everyone.Broadcast("last", options: new SendOptions { ConflationKey = "0" }).Recipients);

        Assert.Equal(["0", "1", "2", "3"], await slow[SlowConsumerPolicy.DropNewest].ReadAsync(4));
        Assert.Equal(["0", "98", "99", "last"], await slow[SlowConsumerPolicy.DropOldest].ReadAsync(4));
        Assert.Equal(["0", "99", "last"], (await slow[SlowConsumerPolicy.Conflate].ReadAsync(3)).Order(StringComparer.Ordinal));
        foreach (var policy in (SlowConsumerPolicy[])[SlowConsumerPolicy.Wait, SlowConsumerPolicy.Disconnect])
        {
            Assert.Equal("0", (await slow[policy].Client.ReadFrameAsync()).Text);
            Assert.Equal(1008, (await slow[policy].Client.ReadFrameAsync()).CloseCode);
        }

        // Nothing waits any more.
        var published = (5 * 1004) + (96 * 1002);
        var dropped = slow.Values.Sum(peer => peer.Connection.DroppedCount);
        Assert.Equal(published, metrics["rawws.messages.published"]);
        await Eventually.HoldsAsync(() => metrics["rawws.messages transmit"] == published - dropped);
        Assert.Equal(
            (97, 97, 8),
            (metrics["rawws.messages.dropped newest"], metrics["rawws.messages.dropped oldest"], metrics["rawws.messages.dropped disconnected"]));
    }

    // What is said about it comes between the drop and the close frame: whoever sends then is another sender that was just as quick.
    [Fact]
    public async Task Nothing_is_queued_behind_the_gap_when_a_member_is_given_up()
    {
        BroadcastTarget? everyone = null;
        var result = new BroadcastResult(-1, -1);
        using var log = new TellingLoggerFactory(() => result = everyone!.Broadcast("behind the gap")); // It is set before anybody is too slow.
        await using var server = await RoomServer.StartAsync(options => (options.MaxSendQueueCount, options.LoggerFactory) = (1, log));
        await using var alice = await server.OpenAsync(capacity: 1);
        everyone = server.Server.Everyone;

        foreach (var text in (string[])["in flight", "dropped", "too much"])
            everyone.Broadcast(text);

        Assert.Equal(new BroadcastResult(0, 0), result);
        Assert.Equal(["in flight"], await alice.ReadUntilAsync("never"));
    }

    [Fact]
    public async Task Of_each_key_a_slow_reader_sees_the_newest_value_and_nothing_overtakes_what_has_no_key()
    {
        await using var server = await RoomServer.StartAsync(options => options.RoomOptions = _ => new RoomOptions
        {
            ConflationKey = message => System.Text.Encoding.UTF8.GetString(message.Payload.Span) is var text && text.Contains('=', StringComparison.Ordinal) ? text.Split('=')[0] : null,
        });
        await using var alice = await server.OpenAsync(capacity: 1);
        var (prices, others) = (server.Rooms["prices"], server.Rooms["others"]);
        prices.Join(alice.Connection);
        others.Join(alice.Connection);
        foreach (var text in (string[])["first", "a=1", "b=1", "a=2", "plain", "c=1", "a=3", "c=2", "a=4"])
            prices.Broadcast(text);

        // Of another room it is another key.
        others.Broadcast("a=5");
        Assert.Equal(["first", "b=1", "plain", "c=2", "a=4", "a=5"], await alice.ReadAsync(6));
        Assert.Equal(4, alice.Connection.DroppedCount);
    }

    [Fact]
    public async Task A_newer_value_that_is_larger_takes_the_place_of_others_too_rather_than_overfill_the_queue()
    {
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.MaxSendQueueSize = 1_000;
            options.BroadcastPolicy = SlowConsumerPolicy.Conflate;
        });
        await using var alice = await server.OpenAsync(capacity: 1);
        server.Rooms["lobby"].Join(alice.Connection);
        Publish("first", null);
        foreach (var key in (string[])["a", "b", "c", "d"])
            Publish(key, key);

        foreach (var key in (string[])["a", "b", "c", "d"])
        {
            Publish(key + new string('x', 400), key);
            Assert.InRange(alice.Connection.BufferedBytes, 0, 1_000);
        }

        Assert.Equal(["f", "c", "d"], (await alice.ReadAsync(3)).Select(text => text[..1]));

        void Publish(string text, string? key) => server.Rooms["lobby"].Broadcast(text, options: new SendOptions { ConflationKey = key });
    }

    [Fact]
    public async Task A_key_that_throws_is_logged_and_the_message_is_one_without_a_key()
    {
        await using var server = await RoomServer.StartAsync(options => options.RoomOptions = _ => new RoomOptions
        {
            HistoryCount = 1,
            ConflationKey = _ => throw new InvalidOperationException("key"),
        });
        await using var alice = await server.OpenAsync();
        server.Rooms["lobby"].Join(alice.Connection);

        Assert.Equal(new BroadcastResult(1, 0), server.Rooms["lobby"].Broadcast("one"));
        Assert.Equal(["one"], await alice.ReadAsync(1));
        Assert.Contains(server.Log.Entries, entry => entry.Error?.Message == "key");
    }

    // The connection decides before the room, the message before both.
    [Fact]
    public async Task The_policy_of_a_broadcast_is_the_messages_then_the_connections_then_the_rooms()
    {
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.MaxSendQueueCount = 1;
            options.RoomOptions = name => new RoomOptions { Policy = Enum.Parse<SlowConsumerPolicy>(name) };
        });
        await using var alice = await server.OpenAsync(capacity: 1);
        foreach (var name in (string[])["DropNewest", "DropOldest", "Disconnect"])
            server.Rooms[name].Join(alice.Connection);

        server.Server.Everyone.Broadcast("in flight");
        server.Rooms["DropNewest"].Broadcast("stays");
        Assert.Equal(1, server.Rooms["DropNewest"].Broadcast("goes").Dropped);
        Assert.Equal(0, server.Rooms["DropOldest"].Broadcast("takes its place").Dropped);
        alice.Connection.SlowConsumerPolicy = SlowConsumerPolicy.DropNewest;
        Assert.Equal(1, server.Rooms["Disconnect"].Broadcast("goes as well").Dropped);
        Assert.Equal(0, server.Rooms["Disconnect"].Broadcast("newest", options: new SendOptions { Policy = SlowConsumerPolicy.DropOldest }).Dropped);
        Assert.Equal(["in flight", "newest"], await alice.ReadAsync(2));
    }

    /// <summary>Calls back when a peer is refused.</summary>
    private sealed class TellingLoggerFactory(Action tell) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).StartsWith("Refused or closed a peer", StringComparison.Ordinal))
                tell();
        }

        public void Dispose()
        {
        }
    }
}
