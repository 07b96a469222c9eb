using System.Buffers;
using RawWs.Protocol;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

// The connection begins to close, or ends.
public sealed partial class LeavingInARowTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_close_frame_comes_behind_what_leaves_and_what_waits_before_it(bool isAtHome, bool isRefused)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        if (isRefused)
            network.Refuse();

        _turns.RowBegins = () => Run(isAtHome, () =>
        {
            server.Server.Everyone.Broadcast("noted");
            connection.Send("queued");
            _ = connection.CloseAsync();
            server.Server.Everyone.Broadcast("too late");
        });
        _turns.Take(() => connection.Send("first"));
        network.TakeAll();

        await Eventually.HoldsAsync(() => network.Frames.Count == 4);
        Assert.Equal(["first", "noted", "queued"], network.Texts.Take(3));
        Assert.Equal(0x88, network.Frames[3].First);
        Assert.Equal((3, 3, 0), (server.Published, server.Sent, server.Dropped));
    }

    public enum Ending
    {
        AbortedBefore,
        AbortedMeanwhile,
        Broken,
        AbortedWhenRefused,
    }

    [Theory]
    [InlineData(Ending.AbortedBefore, false)]
    [InlineData(Ending.AbortedBefore, true)]
    [InlineData(Ending.AbortedMeanwhile, false)]
    [InlineData(Ending.AbortedMeanwhile, true)]
    [InlineData(Ending.Broken, false)]
    [InlineData(Ending.AbortedWhenRefused, false)]
    public async Task All_that_waits_when_the_connection_ends_in_a_row_is_told_and_counted_once(Ending end, bool isAtHome)
    {
        await using var server = await GatedServer.StartAsync();
        var (other, otherConnection) = await OpenAsync(server);
        var (network, connection) = await OpenAsync(server);
        var sends = new List<Task>();
        if (end == Ending.AbortedWhenRefused)
            network.Refuse();

        _turns.RowBegins = () => Run(isAtHome, () =>
        {
            connection.Enqueue("noted", default, SlowConsumerPolicy.Wait);
            connection.Send("queued");
            sends.Add(connection.SendAsync("direct").AsTask());
            sends.Add(connection.SendAsync(new MemoryStream([1, 2, 3])).AsTask());
            sends.Add(connection.WaitForDrainAsync());
            if (end == Ending.AbortedBefore)
                connection.Abort();
            else if (end == Ending.Broken)
                network.Break();
        });
        _turns.RowGoesOn = () => Run(isAtHome, () =>
        {
            if (end == Ending.AbortedMeanwhile)
                connection.Abort();
        });
        _turns.Take(() =>
        {
            otherConnection.Send("for another");
            connection.Send("one");
            _ = connection.SendAsync("two").AsTask();
        });
        connection.Abort();

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        await sends[2].WaitAsync(LongestWait);
        foreach (var send in sends[..2])
            await Assert.ThrowsAsync<WebSocketClosedException>(() => send.WaitAsync(LongestWait));
        Assert.Equal(["for another"], other.Texts);
        Assert.Equal((7, 1, 6), (server.Published, server.Sent, server.DroppedAs("closed")));
        Assert.Equal(0, connection.BufferedBytes);
        await AssertIsFreeAsync(other, otherConnection);
    }

    // The first has fallen behind in the row, and is told so when it has caught up: then its handler works on those whose part of the row has been made, and who have not been told.

    // It may write when this turn has ended, and what was lent has been given to others.
    [Fact]
    public async Task Who_owns_the_output_on_another_thread_has_kept_what_is_borrowed()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        network.Lends = true;
        byte[] received = [0x81, 0x85, 0, 0, 0, 0, .. "hello"u8];
        var message = new WebSocketMessage(new Received(ReceivedKind.Message, MessageType.Text, EndOfMessage: true, new ReadOnlySequence<byte>(received, 6, 5)) { IsBehindHeader = true });
        var large = new string('x', 100_000);

        var (answer, other) = (Task.CompletedTask, Task.CompletedTask);
        _turns.Take(() =>
        {
            answer = connection.SendAsync(message).AsTask();
            other = Task.Run(() => connection.SendAsync(large).AsTask());
            Assert.True(other.Wait(LongestWait));
        });

        await answer;
        await other;
        Assert.Equal(["hello", large], network.Texts);
        await AssertIsFreeAsync(network, connection);
    }
}
