using System.Net;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class WebSocketEventsTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Events_of_a_connection_come_in_order_and_one_at_a_time()
    {
        var seen = new List<string>();
        var closed = new TaskCompletionSource<CloseResult>();
        await using var run = await StartAsync(new()
        {
            OnOpen = async _ =>
            {
                seen.Add("open");
                await Task.Yield();
                seen.Add("opened");
            },
            OnMessage = async (connection, message) =>
            {
                var text = message.GetText();
                seen.Add(text);
                await Task.Yield();
                seen.Add(text + " done");
                await connection.SendAsync(message);
            },
            OnClose = (_, result) =>
            {
                seen.Add("closed");
                closed.SetResult(result);
                return default;
            },
            OnError = (_, _) => throw new InvalidOperationException("nothing failed"),
        });
        await using var client = await run.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedText("one"), .. WireFrame.MaskedText("two"), .. WireFrame.MaskedClose(4000, "bye")]);

        var result = await closed.Task.WaitAsync(LongestWait);
        Assert.Equal((CloseInitiator.Remote, true, (CloseCode)4000), (result.Initiator, result.IsClean, result.ReceivedCode));
        Assert.Equal(["open", "opened", "one", "one done", "two", "two done", "closed"], seen);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("message")]
    public async Task A_handler_that_throws_closes_with_1011_after_OnError_and_before_OnClose(string where)
    {
        var seen = new List<string>();
        var closed = new TaskCompletionSource();
        await using var run = await StartAsync(new()
        {
            OnOpen = _ => where == "open" ? throw new InvalidDataException("open") : default,
            OnMessage = (_, _) => throw new InvalidDataException("message"),
            OnError = (_, error) =>
            {
                seen.Add($"error of {error.Message}");
                return default;
            },
            OnClose = (_, result) =>
            {
                seen.Add($"closed {(int)result.SentCode}");
                closed.SetResult();
                return default;
            },
        });
        await using var client = await run.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("go"));
        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1011));

        await closed.Task.WaitAsync(LongestWait);
        Assert.Equal([$"error of {where}", "closed 1011"], seen);
        client.EndSending();
        await Eventually.HoldsAsync(() => run.Server.ConnectionCount == 0);
        Assert.Single(run.Log.AboveDebug, entry => entry.Contains($"InvalidDataException: {where}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Even_a_throwing_OnError_is_followed_by_OnClose()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var run = await StartAsync(new()
        {
            OnMessage = (_, _) => throw new InvalidDataException(),
            OnError = (_, _) => throw new InvalidOperationException(),
            OnClose = (_, result) =>
            {
                closed.SetResult(result);
                return default;
            },
        });
        await using var client = await run.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("go"));
        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
        client.Abort();

        Assert.Equal(CloseCode.InternalError, (await closed.Task.WaitAsync(LongestWait)).SentCode);
        await Eventually.HoldsAsync(() => run.Server.ConnectionCount == 0);
        Assert.Single(run.Log.AboveDebug);
    }

    [Fact]
    public async Task A_handler_that_meets_the_end_of_the_connection_is_no_error()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        var isWorking = new TaskCompletionSource();
        await using var run = await StartAsync(new()
        {
            OnMessage = async (connection, _) =>
            {
                isWorking.SetResult();
                while (true)
                    await connection.SendAsync(new byte[10_000]);
            },
            OnError = (_, _) => throw new InvalidOperationException("this was no error"),
            OnClose = (_, result) =>
            {
                closed.SetResult(result);
                return default;
            },
        });
        await using var client = await run.OpenAsync(capacity: 1000);

        await client.SendAsync(WireFrame.MaskedText("go"));
        await isWorking.Task;
        client.Abort();

        Assert.Equal(CloseInitiator.Transport, (await closed.Task.WaitAsync(LongestWait)).Initiator);
        await Eventually.HoldsAsync(() => run.Server.ConnectionCount == 0);
        Assert.Empty(run.Log.AboveDebug);
    }

    [Fact]
    public async Task A_slow_handler_holds_up_its_own_connection_only()
    {
        var release = new TaskCompletionSource();
        await using var run = await StartAsync(new()
        {
            OnMessage = async (connection, message) =>
            {
                if (message.GetText() == "slow")
                    await release.Task;
                await connection.SendAsync(message);
            },
        });
        await using var slow = await run.OpenAsync();
        await using var quick = await run.OpenAsync();

        await slow.SendAsync([.. WireFrame.MaskedText("slow"), .. WireFrame.MaskedText("behind it")]);
        await quick.SendAsync(WireFrame.MaskedText("quick"));
        Assert.Equal("quick", (await quick.ReadFrameAsync()).Text);

        release.SetResult();
        Assert.Equal("slow", (await slow.ReadFrameAsync()).Text);
        Assert.Equal("behind it", (await slow.ReadFrameAsync()).Text);
    }

    private static async Task<Run> StartAsync(WebSocketEvents events)
    {
        var (transport, log) = (new InMemoryTransport(), new RecordingLoggerFactory());
        var server = new WebSocketServer(new()
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Transport = transport,
            LoggerFactory = log,
            TimeProvider = new ManualTimeProvider(),
        });
        server.Map("/echo", events);
        await server.StartAsync();
        return new Run(server, transport, log);
    }

    private sealed record Run(WebSocketServer Server, InMemoryTransport Transport, RecordingLoggerFactory Log) : IAsyncDisposable
    {
        public async Task<WireClient> OpenAsync(int capacity = 64 * 1024)
        {
            var client = Transport.Connect(capacity);
            await client.OpenAsync();
            return client;
        }

        public async ValueTask DisposeAsync()
        {
            await Server.StopAsync(new CancellationToken(true));
            await Server.DisposeAsync();
        }
    }
}
