using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class ConcurrentMessagesTests
{
    [Fact]
    public async Task As_many_are_handled_at_once_as_may_be_and_the_next_when_one_is_done()
    {
        var (begun, goOn) = (new List<string>(), new Dictionary<string, TaskCompletionSource>());
        await using var server = await StartAsync(new()
        {
            MaxConcurrentMessages = 3,
            OnMessage = async (connection, message) =>
            {
                var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                lock (begun)
                {
                    begun.Add(message.GetText());
                    goOn.Add(message.GetText(), mayGoOn);
                }

                await mayGoOn.Task;
                await connection.SendAsync(message);
            },
        });
        await using var client = await server.OpenAsync();
        foreach (var text in (string[])["a", "b", "c", "d"])
            await client.SendAsync(WireFrame.MaskedText(text));

        await Eventually.HoldsAsync(() => Count() >= 3);
        Assert.Equal(3, Count());

        goOn["b"].SetResult();
        Assert.Equal("b", (await client.ReadFrameAsync()).Text);
        await Eventually.HoldsAsync(() => Count() == 4);

        // Each has had its own copy all the time.
        goOn["d"].SetResult();
        Assert.Equal("d", (await client.ReadFrameAsync()).Text);
        goOn["a"].SetResult();
        Assert.Equal("a", (await client.ReadFrameAsync()).Text);
        goOn["c"].SetResult();
        Assert.Equal("c", (await client.ReadFrameAsync()).Text);

        int Count()
        {
            lock (begun)
            {
                return begun.Count;
            }
        }
    }

    // However many are handled at once, and whether the session waits for a message or for a handler.
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task A_token_of_the_callers_own_ends_the_session_when_its_handlers_are_done(int maxCount, bool isFull)
    {
        using var cancellation = new CancellationTokenSource();
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (errors, begun) = (new List<Exception>(), 0);
        var events = new WebSocketEvents
        {
            MaxConcurrentMessages = maxCount,
            OnMessage = async (_, _) =>
            {
                Interlocked.Increment(ref begun);
                await mayGoOn.Task;
            },
            OnError = (_, error) =>
            {
                errors.Add(error);
                return default;
            },
        };
        await using var server = await TestServer.StartAsync((connection, _) => events.RunAsync(connection, cancellation.Token));
        await using var client = await server.OpenAsync();
        for (var number = 0; isFull && number < maxCount + 1; number++)
            await client.SendAsync(WireFrame.MaskedText("busy"));

        await Eventually.HoldsAsync(() => Volatile.Read(ref begun) == (isFull ? maxCount : 0));
        await cancellation.CancelAsync();
        mayGoOn.SetResult();

        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
        Assert.IsAssignableFrom<OperationCanceledException>(Assert.Single(errors));
        Assert.Equal(isFull ? maxCount : 0, begun);
    }

    [Fact]
    public async Task The_first_failure_ends_the_session_when_the_others_are_done()
    {
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (errors, done) = (new List<string>(), 0);
        await using var server = await StartAsync(new()
        {
            MaxConcurrentMessages = 2,
            OnMessage = async (_, message) =>
            {
                if (message.GetText() == "bad")
                    throw new InvalidDataException("bad");

                await mayGoOn.Task;
                Interlocked.Increment(ref done);
            },
            OnError = (_, error) =>
            {
                errors.Add($"{error.Message} after {Volatile.Read(ref done)}");
                return default;
            },
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("good"), WireFrame.MaskedText("bad"), WireFrame.MaskedText("never"));
        mayGoOn.SetResult();

        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
        Assert.Matches("^bad after [12]$", Assert.Single(errors));
    }

    [Fact]
    public async Task When_reading_fails_the_session_ends_when_the_handlers_have_and_both_failures_are_told()
    {
        var (hasBegun, hasFailed, mayGoOn, told) = (NewSignal(), NewSignal(), NewSignal(), new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var server = await StartAsync(new()
        {
            MaxConcurrentMessages = 2,
            OnOpen = connection =>
            {
                connection.PingReceived = (_, _) =>
                {
                    hasFailed.SetResult();
                    throw new InvalidDataException("of the reading");
                };
                return default;
            },
            OnMessage = async (_, _) =>
            {
                hasBegun.SetResult();
                await mayGoOn.Task;
                throw new InvalidDataException("of the handler");
            },
            OnError = (_, error) =>
            {
                told.SetResult(error);
                return default;
            },
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("slow"));
        await hasBegun.Task;
        await client.SendAsync(WireFrame.Masked(0x89, "p"u8));
        await hasFailed.Task;
        mayGoOn.SetResult();

        var both = Assert.IsType<AggregateException>(await told.Task);
        Assert.Equal(["of the reading", "of the handler"], both.InnerExceptions.Select(static error => error.Message));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public void At_least_one_message_is_handled_at_a_time()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketEvents { MaxConcurrentMessages = 0 });

    private static Task<TestServer> StartAsync(WebSocketEvents events) => TestServer.StartAsync(events.RunAsync);
}
