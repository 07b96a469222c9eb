using System.Threading.Tasks.Sources;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.Connections;

/// <summary>Handlers that are called with messages: where they are in the way of each other, of whoever else reads or sends, and of the memory that messages lie in.</summary>
public partial class MessageHandlerTests : LoopbackTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_handler_may_read_the_next_message_itself()
    {
        await using var server = await StartAsync(async (connection, message) =>
        {
            var first = message.GetText();
            var second = await connection.ReceiveAsync();
            await connection.SendAsync($"{first} and {second?.GetText()}");
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("one"));
        await client.SendAsync(WireFrame.MaskedText("two"));
        Assert.Equal("one and two", (await client.ReadFrameAsync()).Text);
        await client.SendAsync([.. WireFrame.MaskedText("three"), .. WireFrame.MaskedText("four"), .. WireFrame.MaskedText("five")]);
        Assert.Equal("three and four", (await client.ReadFrameAsync()).Text);
        await client.SendAsync(WireFrame.MaskedText("six"));
        Assert.Equal("five and six", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_handler_may_read_as_a_stream_and_leave_it()
    {
        await using var server = await StartAsync(async (connection, message) =>
        {
            await connection.SendAsync(message);
            if (message.GetText() == "stream")
                await using (await connection.ReceiveStreamAsync())
                    await connection.SendAsync("streamed");
        });
        await using var client = await server.OpenAsync();

        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("stream", await EchoAsync(client, "stream"));
            Assert.Equal("streamed", await EchoAsync(client, "what nobody reads"));
            Assert.Equal("plain", await EchoAsync(client, "plain"));
        }
    }

    [Fact]
    public async Task Who_goes_on_elsewhere_before_the_handler_has_returned_may_read_there()
    {
        var goesOn = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync((connection, message) =>
        {
            if (message.GetText() != "first")
                return connection.SendAsync(message);

            var isReading = new ManualResetEventSlim();
            var reading = Task.Run(async () =>
            {
                var next = connection.ReceiveAsync();
                isReading.Set();
                goesOn.SetResult((await next)?.GetText());
            });
            Assert.True(isReading.Wait(LongestWait));
            return new ValueTask(reading);
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("first"));
        await client.SendAsync(WireFrame.MaskedText("second"));
        Assert.Equal("second", await goesOn.Task.WaitAsync(LongestWait));
        Assert.Equal("third", await EchoAsync(client, "third"));
    }

    [Fact]
    public async Task A_handler_may_ping_and_be_answered()
    {
        await using var server = await StartAsync(static async (connection, message) =>
        {
            await connection.PingAsync();
            await connection.SendAsync(message);
        });
        await using var client = await server.OpenAsync();

        for (var round = 0; round < 3; round++)
        {
            await client.SendAsync(WireFrame.MaskedText($"round {round}"));
            var ping = await client.ReadFrameAsync();
            Assert.Equal(0x9, ping.Opcode);
            await client.SendAsync(WireFrame.Masked(0x8A, ping.Payload));
            Assert.Equal($"round {round}", (await client.ReadFrameAsync()).Text);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_may_close_and_wait_for_the_end(bool waits)
    {
        var result = new TaskCompletionSource<CloseResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync((connection, message) =>
        {
            var closing = connection.CloseAsync((CloseCode)4001, message.GetText());
            closing.ContinueWith(closed => result.SetResult(closed.Result), TaskScheduler.Default);
            return waits ? new ValueTask(closing) : default;
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("enough"));
        var close = await client.ReadFrameAsync();
        Assert.Equal((0x8, 4001, "enough"), (close.Opcode, close.CloseCode, close.CloseReason));
        await client.SendAsync([.. WireFrame.MaskedText("too late"), .. WireFrame.MaskedClose(4001)]);
        Assert.True((await result.Task.WaitAsync(LongestWait)).IsClean);
        Assert.True(await client.IsAtEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_handler_sends_back_leaves_before_it_fails(bool waits)
    {
        await using var server = await StartAsync(async (connection, message) =>
        {
            await connection.SendAsync(message);
            if (waits)
                await Task.Yield();

            throw new InvalidDataException("It fails.");
        });
        await using var client = await server.OpenAsync();

        Assert.Equal("answered", await EchoAsync(client, "answered"));
        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
    }

    [Fact]
    public async Task A_handler_that_throws_at_once_is_the_end_of_its_connection_alone()
    {
        var result = new TaskCompletionSource<CloseResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var events = new WebSocketEvents
        {
            OnMessage = static (connection, message) => message.GetText() == "bad" ? throw new InvalidDataException("It fails.") : connection.SendAsync(message),
            OnClose = (_, closed) =>
            {
                result.SetResult(closed);
                return default;
            },
        };
        await using var server = await StartServerAsync(events.RunAsync);
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("bad"));
        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);

        // Somebody reads what the peer answers.
        await client.SendAsync(WireFrame.MaskedClose(1011));
        Assert.True((await result.Task.WaitAsync(LongestWait)).IsClean);
        await using var other = await server.OpenAsync();
        Assert.Equal("good", await EchoAsync(other, "good"));
    }

    [Fact]
    public async Task Handlers_are_called_in_the_context_of_their_session_and_leave_no_traces_in_others()
    {
        var local = new AsyncLocal<string?>();
        var events = new WebSocketEvents
        {
            OnMessage = (connection, _) =>
            {
                var sent = connection.SendAsync(local.Value ?? "nothing");
                local.Value = "changed by a handler";
                return sent;
            },
        };
        var number = 0;
        await using var server = await StartServerAsync((connection, cancellationToken) =>
        {
            local.Value = $"session {Interlocked.Increment(ref number)}";
            return events.RunAsync(connection, cancellationToken);
        });
        await using var first = await server.OpenAsync();
        await using var second = await server.OpenAsync();

        var (ofFirst, ofSecond) = (await EchoAsync(first, "?"), await EchoAsync(second, "?"));
        Assert.Equal(["session 1", "session 2"], new[] { ofFirst, ofSecond }.Order());
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(ofFirst, await EchoAsync(first, "?"));
            Assert.Equal(ofSecond, await EchoAsync(second, "?"));
            await first.SendAsync([.. WireFrame.MaskedText("?"), .. WireFrame.MaskedText("?"), .. WireFrame.MaskedText("?")]);
            for (var count = 0; count < 3; count++)
                Assert.Equal(ofFirst, (await first.ReadFrameAsync()).Text);
        }
    }

    [Fact]
    public async Task A_task_of_a_handler_that_has_completed_is_asked_for_its_result_once()
    {
        var source = new CountingSource();
        await using var server = await StartAsync((connection, message) =>
        {
            var sent = connection.SendAsync(message);
            Assert.True(sent.IsCompletedSuccessfully);
            return new ValueTask(source, token: 0);
        });
        await using var client = await server.OpenAsync();

        for (var count = 1; count <= 3; count++)
        {
            Assert.Equal("message", await EchoAsync(client, "message"));
            await Eventually.HoldsAsync(() => source.Count == count);
        }
    }

    [Theory]
    [InlineData("81FF00000000000186A000000000", 1009)]
    [InlineData("8185000000004142FF4344", 1007)]
    [InlineData("81820000000041E2", 1007)]
    [InlineData("8182000000004180", 1007)]
    [InlineData("9185000000004142434445", 1002)]
    public async Task A_message_that_breaks_a_rule_is_handled_by_nobody(string wire, int code)
    {
        var count = 0;
        await using var server = await StartAsync(
            (connection, message) =>
            {
                Interlocked.Increment(ref count);
                return connection.SendAsync(message);
            },
            options => options.MaxMessageSize = 50_000);
        await using var client = await server.OpenAsync();
        Assert.Equal("before", await EchoAsync(client, "before"));

        await client.SendAsync(Convert.FromHexString(wire));

        Assert.Equal(code, (await client.ReadFrameAsync()).CloseCode);
        Assert.Equal(1, count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_that_come_one_at_a_time_are_counted_too(bool countsMessages)
    {
        await using var server = await StartAsync(static (connection, message) => connection.SendAsync(message), options =>
        {
            if (countsMessages)
                options.MaxMessageRate = new(1, 5);
            else
                options.MaxByteRate = new(50, 500);
        });
        await using var client = await server.OpenAsync();

        // So many in so many seconds would be allowed.
        WireFrame answer;
        var count = 0;
        do
        {
            await client.SendAsync(WireFrame.MaskedText(new string('x', 44)));
            answer = await client.ReadFrameAsync();
        }
        while (answer.Opcode == 0x1 && ++count < 1000);

        Assert.Equal(1008, answer.CloseCode);
        Assert.True(count >= 5);
    }

    [Fact]
    public async Task A_message_as_large_as_is_allowed_is_handled_and_one_byte_more_is_not()
    {
        await using var server = await StartAsync(static (connection, message) => connection.SendAsync(message), options => options.MaxMessageSize = 100);
        await using var client = await server.OpenAsync();
        var largest = new string('x', 100);

        Assert.Equal(largest, await EchoAsync(client, largest));
        await client.SendAsync(WireFrame.MaskedText(largest + "x"));
        Assert.Equal(1009, (await client.ReadFrameAsync()).CloseCode);
    }

    /// <summary>Starts a server that calls <paramref name="handler"/> with each message.</summary>
    private Task<LoopbackServer> StartAsync(Func<WebSocketConnection, WebSocketMessage, ValueTask> handler, Action<WebSocketServerOptions>? configure = null)
        => StartServerAsync(new WebSocketEvents { OnMessage = handler }.RunAsync, configure);

    private static async Task<string> EchoAsync(WireClient client, string text)
    {
        await client.SendAsync(WireFrame.MaskedText(text));
        return (await client.ReadFrameAsync()).Text;
    }

    private sealed class CountingSource : IValueTaskSource
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void GetResult(short token) => Interlocked.Increment(ref _count);

        public ValueTaskSourceStatus GetStatus(short token) => ValueTaskSourceStatus.Succeeded;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => throw new NotSupportedException();
    }
}
