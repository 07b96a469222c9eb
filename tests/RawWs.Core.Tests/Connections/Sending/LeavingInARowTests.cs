using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>Whatever happens between the preparation of a row and what is told of it: nobody writes meanwhile, nothing is lost, sent twice or out of order, and the output becomes free.</summary>
public sealed partial class LeavingInARowTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly ManualTurns _turns = new();

    public static TheoryData<string, bool, bool> Meanwhile
    {
        get
        {
            var cases = new TheoryData<string, bool, bool>();
            foreach (var what in (string[])["Send", "SendAsync", "SendPong", "stream", "together", "Broadcast", "Broadcast large"])
            {
                foreach (var isAtHome in (bool[])[false, true])
                {
                    cases.Add(what, isAtHome, false);
                    cases.Add(what, isAtHome, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Meanwhile))]
    public async Task What_comes_up_while_others_messages_leave_comes_behind_them(string what, bool isAtHome, bool isRefused)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        var large = new string('x', 20_000);
        var sending = Task.CompletedTask;
        if (isRefused)
            network.Refuse();

        _turns.RowBegins = () => Run(isAtHome, () => sending = DoAsync());
        _turns.Take(() => connection.Send("first"));
        _turns.Take();
        network.TakeAll();
        await sending.WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => connection.WaitForDrainAsync().IsCompletedSuccessfully);

        string[] expected = what switch { "stream" => ["first", "x", ""], "together" => ["first", "x", "y"], "Broadcast large" => ["first", large], _ => ["first", "x"] };
        Assert.Equal(expected, network.Texts);
        Assert.Equal("first".Length + 2, network.Writes[0].Length);
        var count = what switch { "SendPong" => 1, "together" => 3, _ => 2 };
        Assert.Equal((count, count, 0), (server.Published, server.Sent, server.Dropped));
        Assert.Equal(0, connection.BufferedBytes);
        await AssertIsFreeAsync(network, connection);

        async Task DoAsync()
        {
            switch (what)
            {
                case "Send":
                    Assert.Equal(SendResult.Queued, connection.Send("x"));
                    break;

                case "SendAsync":
                    await connection.SendAsync("x");
                    break;

                case "SendPong":
                    connection.SendPong("x"u8);
                    break;

                case "stream":
                    await connection.SendAsync(new MemoryStream("x"u8.ToArray()));
                    break;

                case "together":
                    connection.SendTogether("x", "y");
                    break;

                default:
                    Assert.Equal(0, server.Server.Everyone.Broadcast(what == "Broadcast" ? "x" : large).Dropped);
                    break;
            }
        }
    }

    [Fact]
    public async Task What_the_network_does_not_take_in_a_row_waits_and_counts()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        network.Refuse();

        _turns.Take(() => connection.Send("first"));
        _turns.Take();
        Assert.Equal(("first".Length + 2, 1, 0), (connection.BufferedBytes, server.Published, server.Sent));
        Assert.Equal((1, "first".Length + 2), server.Waiting);
        network.TakeAll();

        await Eventually.HoldsAsync(() => server.Sent == 1);
        Assert.Equal(0, connection.BufferedBytes);
        Assert.Equal((0, 0), server.Waiting);
        await AssertIsFreeAsync(network, connection);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_broadcast_is_noted_before_what_waits_in_line_and_not_behind_it(bool isAtHome, bool isRefused)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        if (isRefused)
            network.Refuse();

        _turns.RowBegins = () => Run(isAtHome, () =>
        {
            server.Server.Everyone.Broadcast("one");
            server.Server.Everyone.Broadcast("two");
            connection.Send("three");
            server.Server.Everyone.Broadcast("four");
            _ = connection.SendAsync("five").AsTask();
            server.Server.Everyone.Broadcast("six");
        });
        _turns.Take(() => connection.Send("zero"));
        _turns.Take();
        network.TakeAll();

        await Eventually.HoldsAsync(() => network.Frames.Count == 7);
        Assert.Equal(["zero", "one", "two", "three", "four", "five", "six"], network.Texts);
        await Eventually.HoldsAsync(() => server.Sent == 7);
        Assert.Equal((7, 0), (server.Published, server.Dropped));
        await AssertIsFreeAsync(network, connection);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_noted_meanwhile_for_the_next_turn_leaves_in_it_and_not_before(bool isRefused)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        var drained = Task.CompletedTask;
        var told = 0;
        connection.Drained = _ => told++;
        if (isRefused)
            network.Refuse();

        _turns.RowBegins = () => Elsewhere(() =>
        {
            server.Server.Everyone.Broadcast("second");
            drained = connection.WaitForDrainAsync();
        });
        _turns.Take(() => connection.Send("first"));

        Assert.Equal(["first"], network.Texts);
        Assert.False(drained.IsCompleted);
        Assert.Equal((1, isRefused ? 15 : 8), (_turns.ScheduledCount, connection.BufferedBytes));
        _turns.Take();
        Assert.Equal((!isRefused, isRefused ? 15 : 0), (network.Frames.Count == 2, connection.BufferedBytes)); // What is noted waits as well as what is in flight.
        network.TakeAll();

        await drained.WaitAsync(LongestWait);
        Assert.Equal(["first", "second"], network.Texts);
        Assert.Equal((2, 2, 0), (server.Published, server.Sent, connection.BufferedBytes));
        Assert.Equal(isRefused ? 1 : 0, told);
    }

    // All that is in flight is a pong, which is nobody's concern.
    [Fact]
    public async Task What_is_noted_behind_a_pong_that_the_network_does_not_take_waits_and_is_waited_for()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        network.Refuse();

        _turns.RowBegins = () => server.Server.Everyone.Broadcast("noted");
        _turns.Take(() => connection.SendPong("pong"u8));
        Assert.Equal(7, connection.BufferedBytes);
        var drained = connection.WaitForDrainAsync();
        Assert.False(drained.IsCompleted);
        network.TakeAll();

        await drained.WaitAsync(LongestWait);
        Assert.Equal(["pong", "noted"], network.Texts);
        Assert.Equal((1, 1, 0), (server.Published, server.Sent, connection.BufferedBytes));
    }

    [Fact]
    public async Task Who_gives_up_waiting_meanwhile_leaves_nothing_behind()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        using var cancellation = new CancellationTokenSource();
        var (sending, drained, told) = (Task.CompletedTask, Task.CompletedTask, 0);
        connection.Drained = _ => told++;

        _turns.RowBegins = () => Elsewhere(() =>
        {
            sending = connection.SendAsync("cancelled", cancellation.Token).AsTask();
            drained = connection.WaitForDrainAsync();
            cancellation.Cancel();
        });
        _turns.Take(() => connection.Send("first"));

        Assert.True(drained.IsCompletedSuccessfully);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await AssertIsFreeAsync(network, connection);
        Assert.Equal(["first", "after"], network.Texts);
        Assert.Equal((1, 1), (told, server.DroppedAs("cancelled")));
    }

    [Theory]
    [InlineData("abort")]
    [InlineData("close")]
    [InlineData("Send")]
    [InlineData("Broadcast")]
    public async Task A_handler_that_is_told_in_a_row_may_do_to_the_others_what_it_likes(string what)
    {
        await using var server = await GatedServer.StartAsync();
        var (_, first) = await OpenAsync(server);
        var (network, second) = await OpenAsync(server);
        var (lastNetwork, last) = await OpenAsync(server);
        var told = 0;
        first.Drained = connection =>
        {
            Assert.Same(first, connection);
            told++;
            switch (what)
            {
                case "abort":
                    second.Abort();
                    break;

                case "close":
                    _ = second.CloseAsync();
                    break;

                case "Send":
                    second.Send("more");
                    break;

                default:
                    server.Server.Everyone.Broadcast("more");
                    break;
            }
        };

        _turns.RowBegins = () => first.Send("behind");
        _turns.Take(() =>
        {
            first.Send("one");
            second.Send("two");
            last.Send("three");
        });

        Assert.Equal(1, told);
        Assert.Equal(what == "Broadcast" ? ["three", "more"] : ["three"], lastNetwork.Texts);
        if (what == "abort")
            await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 2);
        else if (what == "close")
            Assert.Equal((2, 0x88), (network.Frames.Count, network.Frames[^1].First));
        else
            Assert.Equal(["two", "more"], network.Texts);

        Assert.Equal(server.Published, server.Sent + server.Dropped);
        Assert.Equal(what == "abort" ? 1 : 0, server.Dropped);
    }

    // Between its fragments the output is free: a pong leaves in a row, and the next fragment, or the end, comes meanwhile.
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_message_in_fragments_goes_on_while_a_pong_leaves(bool isAtHome, bool isRefused)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        await using var source = new SteppedSource();
        var streaming = connection.SendAsync(source).AsTask();
        await source.GiveAsync("first");
        await Eventually.HoldsAsync(() => source.IsRead);
        if (isRefused)
            network.Refuse();

        _turns.RowBegins = () => Run(isAtHome, () =>
        {
            Assert.True(source.GiveAsync("second").IsCompletedSuccessfully);
            connection.Send("behind");
        });
        _turns.Take(() => connection.SendPong("pong"u8));
        network.TakeAll();
        await Eventually.HoldsAsync(() => source.IsRead);
        _turns.RowBegins = () => Run(isAtHome, () => Assert.True(source.GiveAsync("").IsCompletedSuccessfully));
        _turns.Take(() => connection.SendPong("pong"u8));

        await streaming.WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => server.Sent == 2);
        Assert.Equal(["first", "pong", "second", "pong", "", "behind"], network.Texts);
        Assert.Equal([0x02, 0x8A, 0x00, 0x8A, 0x80, 0x81], network.Frames.Select(frame => (int)frame.First));
        await AssertIsFreeAsync(network, connection);
    }

    [Fact]
    public async Task A_message_that_is_broken_off_while_a_pong_leaves_lets_the_others_go()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await OpenAsync(server);
        await using var source = new SteppedSource();
        var streaming = connection.SendAsync(source).AsTask();
        await source.GiveAsync("first");
        await Eventually.HoldsAsync(() => source.IsRead);
        connection.Send("behind");

        _turns.RowBegins = () => source.Fail(new InvalidDataException());
        _turns.Take(() => connection.SendPong("pong"u8));

        await Assert.ThrowsAsync<InvalidDataException>(() => streaming.WaitAsync(LongestWait));
        await Eventually.HoldsAsync(() => network.Frames.Count == 3);
        Assert.Equal(["first", "pong"], network.Texts.Take(2));
        Assert.Equal(0x88, network.Frames[2].First); // Half a message can't be taken back.
        Assert.Equal((2, 0, 2), (server.Published, server.Sent, server.Dropped));
    }

    private Task<(GatedConnection Network, WebSocketConnection Connection)> OpenAsync(GatedServer server)
        => GatedConnection.OpenAsync(server, scheduler: _turns, leavesInARow: true);

    /// <summary>Whoever sends now does so at once: nobody has kept the output.</summary>
    private async Task AssertIsFreeAsync(GatedConnection network, WebSocketConnection connection)
    {
        _turns.Take();
        await Eventually.HoldsAsync(() => connection.WaitForDrainAsync().IsCompletedSuccessfully);
        Assert.Equal(SendResult.Sent, connection.Send("after"));
        Assert.Equal("after", network.Texts.Last());
    }

    private static void Run(bool isAtHome, Action action)
    {
        if (isAtHome)
            action();
        else
            Elsewhere(action);
    }

    private static void Elsewhere(Action action) => Assert.True(Task.Run(action).Wait(LongestWait));

    /// <summary>What is read from it comes when the test says so, and whoever waits for it goes on inside that step.</summary>
    private sealed class SteppedSource : MemoryStream
    {
        private TaskCompletionSource<string>? _next;

        /// <summary>Whether somebody waits for more.</summary>
        public bool IsRead => Volatile.Read(ref _next) is { Task.IsCompleted: false };

        public async Task GiveAsync(string text)
        {
            await Eventually.HoldsAsync(() => IsRead);
            _next!.SetResult(text);
        }

        public void Fail(Exception error) => _next!.SetException(error);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var next = new TaskCompletionSource<string>();
            Volatile.Write(ref _next, next);
            return System.Text.Encoding.ASCII.GetBytes(await next.Task.ConfigureAwait(false), buffer.Span);
        }
    }
}
