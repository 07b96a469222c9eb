using System.Threading.Tasks.Sources;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.Connections;

/// <summary>Handlers that are called with messages: where they are in the way of each other, of whoever else reads or sends, and of the memory that messages lie in.</summary>
public class MessageHandlerTests : LoopbackTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_message_stays_as_it_is_while_its_handler_waits_and_others_receive()
    {
        const int Count = 40;
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = new CountdownEvent(Count);
        await using var server = await StartAsync(async (connection, message) =>
        {
            if (message.GetText().StartsWith("held", StringComparison.Ordinal))
            {
                began.Signal();
                await release.Task;
            }

            await connection.SendAsync(message);
        });
        var holders = new List<WireClient>();
        for (var number = 0; number < Count; number++)
            holders.Add(await server.OpenAsync());

        await using var other = await server.OpenAsync();
        for (var number = 0; number < Count; number++)
            await holders[number].SendAsync(WireFrame.MaskedText($"held {number}"));

        Assert.True(began.Wait(LongestWait));
        for (var number = 0; number < 3 * Count; number++)
            Assert.Equal($"other {number}", await EchoAsync(other, $"other {number}"));

        release.SetResult();
        for (var number = 0; number < Count; number++)
        {
            Assert.Equal($"held {number}", (await holders[number].ReadFrameAsync()).Text);
            Assert.Equal("again", await EchoAsync(holders[number], "again"));
            await holders[number].DisposeAsync();
        }

        began.Dispose();
    }

    [Fact]
    public async Task What_a_handler_sends_back_before_it_waits_arrives_as_it_was()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(async (connection, message) =>
        {
            await connection.SendAsync(message);
            if (message.GetText() == "waits")
                await release.Task;
        });
        await using var client = await server.OpenAsync();
        await using var other = await server.OpenAsync();

        Assert.Equal("waits", await EchoAsync(client, "waits"));
        for (var number = 0; number < 50; number++)
            Assert.Equal($"other {number}", await EchoAsync(other, $"other {number}"));

        await client.SendAsync(WireFrame.MaskedText("next"));
        release.SetResult();
        Assert.Equal("next", (await client.ReadFrameAsync()).Text);
    }

    [Theory]
    [InlineData("twice", "twice, twice")]
    [InlineData("then a text", "then a text, behind")]
    [InlineData("after a text", "before, after a text")]
    [InlineData("then a ping", "then a ping, ping")]
    [InlineData("then a broadcast", "then a broadcast, to all")]
    public async Task What_else_a_handler_sends_keeps_its_place(string text, string expected)
    {
        WebSocketServer? all = null;
        await using var server = await StartAsync(async (connection, message) =>
        {
            var what = message.GetText();
            if (what == "after a text")
                await connection.SendAsync("before");

            await connection.SendAsync(message);
            if (what == "twice")
                await connection.SendAsync(message);
            else if (what == "then a text")
                await connection.SendAsync("behind");
            else if (what == "then a ping")
                connection.SendPong("ping"u8);
            else if (what == "then a broadcast")
                all!.Everyone.Broadcast("to all");
        });
        all = server.Server;
        await using var client = await server.OpenAsync();

        for (var round = 0; round < 3; round++)
        {
            await client.SendAsync(WireFrame.MaskedText(text));
            var seen = new List<string>();
            foreach (var _ in expected.Split(", "))
                seen.Add((await client.ReadFrameAsync()).Text);

            Assert.Equal(expected, string.Join(", ", seen));
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task What_another_thread_sends_before_the_handler_has_returned_comes_behind_its_answer(int length)
    {
        var large = new string('l', length);
        await using var server = await StartAsync((connection, message) =>
        {
            var answer = connection.SendAsync(message);
            var isSent = new ManualResetEventSlim();
            new Thread(() =>
            {
                // Where it is large, it may wait for this turn to end.
                var sent = connection.SendAsync(large);
                isSent.Set();
                sent.AsTask().GetAwaiter().GetResult();
            }).Start();
            Assert.True(isSent.Wait(LongestWait));
            return answer;
        });
        await using var client = await server.OpenAsync();
        await using var other = await server.OpenAsync();

        for (var round = 0; round < 20; round++)
        {
            await other.SendAsync(WireFrame.MaskedText($"other {round}"));
            await client.SendAsync(WireFrame.MaskedText($"message {round}"));
            Assert.Equal($"message {round}", (await client.ReadFrameAsync()).Text);
            Assert.Equal(large, (await client.ReadFrameAsync()).Text);
            Assert.Equal($"other {round}", (await other.ReadFrameAsync()).Text);
            Assert.Equal(large, (await other.ReadFrameAsync()).Text);
        }
    }

    [Fact]
    public async Task Answers_that_the_network_does_not_take_at_once_arrive_as_they_were()
    {
        const int Count = 30_000;
        await using var server = await StartAsync(static (connection, message) => connection.SendAsync(message));
        await using var slow = await server.OpenAsync(receiveBufferSize: 4096);
        await using var other = await server.OpenAsync();

        var sending = Task.Run(async () =>
        {
            for (var number = 0; number < Count; number++)
                await slow.SendAsync(WireFrame.MaskedText($"message {number} {new string('x', 100)}"));
        });
        for (var number = 0; number < 200; number++)
            Assert.Equal($"other {number}", await EchoAsync(other, $"other {number}"));

        for (var number = 0; number < Count; number++)
            Assert.Equal($"message {number} {new string('x', 100)}", (await slow.ReadFrameAsync()).Text);

        await sending;
    }

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
        await using var server = await StartAsync(static (connection, message)
            => message.GetText() == "bad" ? throw new InvalidDataException("It fails.") : connection.SendAsync(message));
        await using var other = await server.OpenAsync();
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("bad"));
        Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
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

        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("session 1", await EchoAsync(first, "?"));
            Assert.Equal("session 2", await EchoAsync(second, "?"));
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

    [Fact]
    public async Task A_message_may_be_sent_on_to_others()
    {
        var connections = new List<WebSocketConnection>();
        await using var server = await StartServerAsync((connection, cancellationToken) =>
        {
            lock (connections)
                connections.Add(connection);

            return new WebSocketEvents
            {
                OnMessage = async (_, message) =>
                {
                    WebSocketConnection[] all;
                    lock (connections)
                        all = [.. connections];

                    foreach (var each in all)
                        await each.SendAsync(message);
                },
            }.RunAsync(connection, cancellationToken);
        });
        var clients = new List<WireClient>();
        for (var number = 0; number < 5; number++)
        {
            clients.Add(await server.OpenAsync());
            Assert.Equal($"here {number}", await EchoAsync(clients[number], $"here {number}"));
            for (var before = 0; before < number; before++)
                Assert.Equal($"here {number}", (await clients[before].ReadFrameAsync()).Text);
        }

        for (var round = 0; round < 20; round++)
        {
            var text = $"round {round} {new string('x', 50 * round)}";
            await clients[round % 5].SendAsync(WireFrame.MaskedText(text));
            foreach (var client in clients)
                Assert.Equal(text, (await client.ReadFrameAsync()).Text);
        }

        foreach (var client in clients)
            await client.DisposeAsync();
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

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    [InlineData(8192)]
    public async Task Any_size_and_any_cut_is_echoed(int maxReceiveSize)
    {
        await using var server = await StartAsync(static (connection, message) => connection.SendAsync(message), options => options.MaxReceiveSize = maxReceiveSize);
        await using var client = await server.OpenAsync();
        foreach (var length in (int[])[0, 1, 2, 125, 126, 127, 4080, 4086, 4088, 4090, 4092, 4096, 4100, 8190, 20_000])
        {
            var payload = new byte[length];
            new Random(length).NextBytes(payload);
            await client.SendAsync(WireFrame.Masked(0x82, payload));
            Assert.Equal(payload, (await client.ReadFrameAsync()).Payload);

            // Two at once, and half of a third.
            var frame = WireFrame.Masked(0x82, payload);
            await client.SendAsync([.. frame, .. frame, .. frame[..(frame.Length / 2)]]);
            Assert.Equal(payload, (await client.ReadFrameAsync()).Payload);
            Assert.Equal(payload, (await client.ReadFrameAsync()).Payload);
            await client.SendAsync([.. frame[(frame.Length / 2)..], .. WireFrame.Masked(0x89, 1, 2, 3)]);
            Assert.Equal(payload, (await client.ReadFrameAsync()).Payload);
            Assert.Equal([1, 2, 3], (await client.ReadFrameAsync()).Payload);
        }
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
