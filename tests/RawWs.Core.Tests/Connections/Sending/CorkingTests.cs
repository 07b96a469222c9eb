using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>What is sent on a thread that works in turns leaves at the end of a turn, all of it in one call, and in order with what others send.</summary>
public abstract class CorkingTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly ManualTurns _turns = new();

    [Fact]
    public async Task What_a_turn_sends_leaves_at_its_end_in_one_call()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        _turns.Take(() =>
        {
            Assert.True(connection.SendAsync("direct").AsTask().IsCompletedSuccessfully);
            Assert.Equal(SendResult.Sent, connection.Send("handed over"));
            connection.SendPong("pong"u8);
            Assert.True(connection.SendAsync(PreparedMessage.FromText("prepared")).AsTask().IsCompletedSuccessfully);
            Assert.Empty(network.Writes);
            Assert.Equal(0, connection.BufferedBytes);
        });

        Assert.Single(network.Writes);
        Assert.Equal(["direct", "handed over", "pong", "prepared"], network.Texts);
        Assert.Equal((3, 3, 0), (server.Published, server.Sent, server.Dropped));
    }

    [Fact]
    public async Task Each_turn_has_an_end_of_its_own_and_nothing_is_flushed_where_nothing_was_sent()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        for (var number = 0; number < 3; number++)
        {
            _turns.Take();
            _turns.Take(() => connection.Send("x"));
            Assert.Equal(number + 1, network.Writes.Count);
        }
    }

    [Fact]
    public async Task What_others_send_takes_along_what_the_turn_has_sent_before_it()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        _turns.Take(() =>
        {
            connection.Send("first");
            Task.Run(() => connection.SendAsync("second").AsTask()).Wait(LongestWait);
            Assert.Equal(["first", "second"], network.Texts);
            Assert.Equal((2, 2), (server.Published, server.Sent));
            connection.Send("third");
        });

        Assert.Equal(["first", "second", "third"], network.Texts);
        Assert.Equal(2, network.Writes.Count);
        Assert.Equal((3, 3), (server.Published, server.Sent));
    }

    [Fact]
    public async Task A_turn_that_sends_much_does_not_pile_it_up()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        _turns.Take(() =>
        {
            for (var number = 0; number < 100; number++)
                connection.Send(new string('x', 1000));

            Assert.InRange(network.Writes.Count, 5, 10);
        });

        Assert.Equal(100, network.Frames.Count);
        Assert.All(network.Writes, write => Assert.InRange(write.Length, 1000, 20_000));
        Assert.Equal((100, 100), (server.Published, server.Sent));
    }

    [Fact]
    public async Task What_the_network_does_not_take_at_the_end_of_the_turn_waits_and_counts_as_sent_when_it_has_left()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        network.Refuse();

        _turns.Take(() =>
        {
            connection.Send("one");
            connection.Send("two");
        });
        Assert.Equal((2, 0, 10), (server.Published, server.Sent, connection.BufferedBytes));
        Assert.Equal(SendResult.Queued, connection.Send("three"));
        var drained = connection.WaitForDrainAsync();
        Assert.False(drained.IsCompleted);

        network.TakeAll();

        await drained.WaitAsync(LongestWait);
        Assert.Equal(["one", "two", "three"], network.Texts);
        Assert.Equal((3, 3, 0), (server.Published, server.Sent, connection.BufferedBytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_end_of_the_turn_can_not_send_is_dropped(bool isAborted)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        _turns.Take(() =>
        {
            connection.Send("one");
            connection.Send("two");
            if (isAborted)
                connection.Abort();
            else
                network.Break();
        });

        await network.EndInputAsync();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Equal((2, 0, 2), (server.Published, server.Sent, server.DroppedAs("closed")));
        Assert.Equal((0, 2), (connection.BufferedBytes, connection.DroppedCount));
        Assert.Throws<WebSocketClosedException>(() => connection.Send("three"));
    }

    [Fact]
    public async Task A_close_frame_comes_behind_what_the_turn_has_sent()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        _turns.Take(() =>
        {
            connection.Send("last words");
            _ = connection.CloseAsync();
        });

        Assert.Equal("last words", network.Frames[0].Text);
        Assert.Equal(0x88, network.Frames[1].First);
        Assert.Equal(1, server.Sent);
    }

    [Fact]
    public async Task A_message_in_fragments_takes_along_what_the_turn_has_sent_before_it()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        _turns.Take(() =>
        {
            connection.Send("first");
            Assert.True(connection.SendAsync(new MemoryStream("streamed"u8.ToArray())).AsTask().IsCompletedSuccessfully);
            connection.Send("last");
        });

        Assert.Equal(["first", "streamed", "", "last"], network.Texts);
        Assert.Equal((3, 3), (server.Published, server.Sent));
    }

    [Fact]
    public async Task A_broadcast_from_elsewhere_is_sent_by_the_members_own_thread_together_with_what_follows()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        for (var number = 0; number < 5; number++)
            Assert.Equal(new BroadcastResult(1, 0), server.Server.Everyone.Broadcast($"{number}"));

        Assert.Empty(network.Writes);
        Assert.Equal(1, _turns.ScheduledCount);
        Assert.Equal((5, 0), (server.Published, server.Sent));
        Assert.Equal(15, connection.BufferedBytes);
        _turns.Take();

        Assert.Single(network.Writes);
        Assert.Equal(["0", "1", "2", "3", "4"], network.Texts);
        Assert.Equal((5, 5, 0), (server.Published, server.Sent, connection.BufferedBytes));
    }

    [Fact]
    public async Task What_others_send_meanwhile_takes_along_a_broadcast_that_waits_for_its_turn()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        server.Server.Everyone.Broadcast("first");
        Assert.True(connection.SendAsync("second").AsTask().IsCompletedSuccessfully);
        Assert.Equal(["first", "second"], network.Texts);
        server.Server.Everyone.Broadcast("third");
        Assert.True(connection.SendAsync(new MemoryStream("fourth"u8.ToArray())).AsTask().IsCompletedSuccessfully);
        _turns.Take();

        Assert.Equal(["first", "second", "third", "fourth", ""], network.Texts);
        Assert.Equal((4, 4, 0), (server.Published, server.Sent, connection.BufferedBytes));
    }

    [Fact]
    public async Task A_large_broadcast_comes_behind_those_that_wait_for_the_turn()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        var large = new string('x', 70_000);

        server.Server.Everyone.Broadcast("first");
        server.Server.Everyone.Broadcast(large);
        var direct = connection.SendAsync("direct").AsTask();
        Assert.False(direct.IsCompleted);
        _turns.Take();
        await direct.WaitAsync(LongestWait);
        _turns.Take(() =>
        {
            server.Server.Everyone.Broadcast("second");
            server.Server.Everyone.Broadcast(large);
        });

        Assert.Equal(["first", large, "direct", "second", large], network.Texts);
        await Eventually.HoldsAsync(() => server.Sent == 5);
        Assert.Equal(0, connection.BufferedBytes);
    }

    [Fact]
    public async Task Waiting_for_its_turn_a_broadcast_is_no_backlog_that_the_application_hears_of()
    {
        await using var server = await GatedServer.StartAsync();
        var (_, connection) = await OpenAsync(server);
        var drainedCount = 0;
        connection.Drained = _ => drainedCount++;

        for (var number = 0; number < 5; number++)
            server.Server.Everyone.Broadcast($"{number}");
        var drained = connection.WaitForDrainAsync();
        Assert.False(drained.IsCompleted);
        _turns.Take();

        await drained.WaitAsync(LongestWait);
        Assert.Equal(0, drainedCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_for_a_broadcast_that_others_have_taken_along_is_told_in_its_turn(bool isInTurn)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);

        server.Server.Everyone.Broadcast("first");
        var drained = connection.WaitForDrainAsync();
        if (isInTurn)
        {
            _turns.Take(TakeAlong);
        }
        else
        {
            TakeAlong();
            _turns.Take();
        }

        await drained.WaitAsync(LongestWait);
        Assert.Equal(["first", "second"], network.Texts);

        void TakeAlong() => Assert.True(Task.Run(() => connection.SendAsync("second").AsTask()).Wait(LongestWait));
    }

    // Between two fragments the output is free for a pong, and the message behind them still waits.
    [Fact]
    public async Task A_pong_between_fragments_does_not_tell_those_who_wait_for_the_end_of_the_message()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        var source = new System.IO.Pipelines.Pipe();
        var streaming = connection.SendAsync(source.Reader.AsStream()).AsTask();
        var told = 0;
        connection.Drained = _ => told++;

        Assert.Equal(SendResult.Queued, connection.Send("behind"));
        var drained = connection.WaitForDrainAsync();
        _turns.Take(() => connection.SendPong("pong"u8));

        Assert.Equal(["pong"], network.Texts);
        Assert.Equal((false, 0), (drained.IsCompleted, told));
        await source.Writer.CompleteAsync();
        await streaming.WaitAsync(LongestWait);
        await drained.WaitAsync(LongestWait);
        Assert.Equal(["pong", "", "behind"], network.Texts);
        await Eventually.HoldsAsync(() => told == 1);
    }

    [Fact]
    public async Task A_thread_that_takes_no_turn_fills_the_queue_up_to_its_limit()
    {
        await using var server = await GatedServer.StartAsync(options => options.MaxSendQueueCount = 20);
        var (network, connection) = await OpenAsync(server);

        for (var number = 0; number < 100; number++)
            server.Server.Everyone.Broadcast($"{number}");

        // 64 are noted, one more puts them into the queue, and the next does not fit.
        Assert.False(connection.IsOpen);
        Assert.Equal((66, 66), (server.Published, server.Dropped));
        _turns.Take();
        Assert.Equal(0x88, network.Frames[^1].First);
    }

    /// <summary>Opens a connection whose turns the test takes.</summary>
    private protected abstract Task<(GatedConnection Network, WebSocketConnection Connection)> OpenAsync(GatedServer server, ManualTurns turns);

    private Task<(GatedConnection Network, WebSocketConnection Connection)> OpenAsync(GatedServer server) => OpenAsync(server, _turns);
}

/// <summary>Each connection's flush is a call of its own.</summary>
public sealed class CorkingAloneTests : CorkingTests
{
    private protected override Task<(GatedConnection Network, WebSocketConnection Connection)> OpenAsync(GatedServer server, ManualTurns turns)
        => GatedConnection.OpenAsync(server, scheduler: turns);
}

/// <summary>The flushes of many are made in a row.</summary>
public sealed class CorkingInARowTests : CorkingTests
{
    private protected override Task<(GatedConnection Network, WebSocketConnection Connection)> OpenAsync(GatedServer server, ManualTurns turns)
        => GatedConnection.OpenAsync(server, scheduler: turns, leavesInARow: true);
}
