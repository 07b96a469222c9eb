using RawWs.Testing;

namespace RawWs.Tests.Connections;

// What handlers send back, and the memory that it lies in.
public partial class MessageHandlerTests
{
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
    public async Task An_answer_that_the_network_takes_in_part_arrives_as_it_was_whatever_others_receive_meanwhile()
    {
        const int MaxCount = 20_000;
        var count = 0;
        var isStalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync((connection, message) =>
        {
            var sent = connection.SendAsync(message);
            if (!sent.IsCompleted)
                isStalled.TrySetResult();

            Interlocked.Increment(ref count);
            return sent;
        });
        await using var slow = await server.OpenAsync(receiveBufferSize: 4096);
        await using var other = await server.OpenAsync();

        // One at a time, so that each is alone, until the network has no room for one of them.
        var sentCount = 0;
        while (!isStalled.Task.IsCompleted && sentCount < MaxCount)
        {
            await slow.SendAsync(WireFrame.MaskedText(TextOf(sentCount++)));
            await Eventually.HoldsAsync(() => Volatile.Read(ref count) == sentCount);
        }

        Assert.True(isStalled.Task.IsCompleted);
        for (var number = 0; number < 50; number++)
            Assert.Equal(new string('o', 3000), await EchoAsync(other, new string('o', 3000)));

        for (var number = 0; number < sentCount; number++)
            Assert.Equal(TextOf(number), (await slow.ReadFrameAsync()).Text);

        static string TextOf(int number) => $"{number} {new string((char)('a' + (number % 26)), 3900)}";
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

    [Fact]
    public async Task A_message_that_another_handler_still_holds_may_be_sent()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = default(WebSocketMessage);
        await using var server = await StartAsync(async (connection, message) =>
        {
            if (message.GetText() == "send what is held")
            {
                await connection.SendAsync(held);
                return;
            }

            held = message;
            isHeld.SetResult();
            await release.Task;
        });
        await using var holder = await server.OpenAsync();
        await using var client = await server.OpenAsync();
        await holder.SendAsync(WireFrame.MaskedText("this is held"));
        await isHeld.Task.WaitAsync(LongestWait);

        for (var round = 0; round < 3; round++)
            Assert.Equal("this is held", await EchoAsync(client, "send what is held"));

        release.SetResult();
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
}
