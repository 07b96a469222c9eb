using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class KeepAliveTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task A_silent_peer_is_pinged_after_the_interval_and_not_before()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAndRestAsync();

        server.Time.Advance(TimeSpan.FromSeconds(20));
        var ping = client.ReadFrameAsync();
        Assert.False(ping.IsCompleted);

        server.Time.Advance(2 * Tick);
        Assert.Equal(0x9, (await ping).Opcode);
    }

    [Fact]
    public async Task A_peer_that_sends_no_pong_is_closed_with_1011_after_the_timeout_and_not_before()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAndRestAsync();

        await AssertClosesWithoutPongAsync(server, client);
    }

    [Fact]
    public async Task A_pong_keeps_the_connection_open()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAndRestAsync();

        for (var round = 0; round < 10; round++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(20) + (2 * Tick));
            var ping = await client.ReadFrameAsync();
            Assert.Equal(0x9, ping.Opcode);
            await client.SendAsync(WireFrame.Masked(0x8A, ping.Payload));
            await client.WaitUntilServerWaitsAsync();
        }

        await AssertEchoesAsync(client);
    }

    [Fact]
    public async Task Any_byte_counts_as_life_even_one_of_an_incomplete_frame()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MessageTimeout = Timeout.InfiniteTimeSpan);
        await using var client = await server.OpenAndRestAsync();
        var bytes = WireFrame.MaskedText(new string('x', 40));

        foreach (var octet in bytes[..^1])
        {
            await client.SendAsync([octet]);
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromSeconds(15));
        }

        await client.SendAsync([bytes[^1]]);
        Assert.Equal(new string('x', 40), (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task Without_keep_alive_a_silent_peer_is_closed_with_1001_by_the_idle_timeout()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.KeepAliveInterval = Timeout.InfiniteTimeSpan);
        await using var client = await server.OpenAndRestAsync();

        server.Time.Advance(TimeSpan.FromMinutes(2));
        var close = client.ReadFrameAsync();
        Assert.False(close.IsCompleted);

        server.Time.Advance(2 * Tick);
        Assert.Equal(1001, (await close).CloseCode);
    }

    [Fact]
    public async Task A_peer_has_no_more_time_for_its_pong_because_the_session_works()
    {
        var isWorking = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            await connection.ReceiveAsync();
            isWorking.SetResult();
            await connection.Closed;
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("work"));
        await isWorking.Task;

        await AssertClosesWithoutPongAsync(server, client);
    }

    [Fact]
    public async Task A_session_that_takes_its_time_costs_its_peer_nothing_and_pings_go_on()
    {
        var (isWorking, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await StartBusyAsync(isWorking, release.Task);
        await using var client = await server.OpenAsync();

        // The second message holds up whatever the peer sends behind it.
        await client.SendAsync([.. WireFrame.MaskedText("one"), .. WireFrame.MaskedText("two")]);
        await isWorking.Task;

        for (var minute = 0; minute < 10; minute++)
        {
            server.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);
        }

        release.SetResult();
        var texts = new List<string>();
        while (texts.Count < 2)
        {
            var frame = await client.ReadFrameAsync();
            if (frame.Opcode == 0x1)
                texts.Add(frame.Text);
            else
                Assert.Equal(0x9, frame.Opcode);
        }

        Assert.Equal(["one", "two"], texts);
    }

    [Fact]
    public async Task A_ping_that_was_sent_while_nobody_listened_is_waited_for_as_long_as_any_other()
    {
        var (isWorking, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await StartBusyAsync(isWorking, release.Task);
        await using var client = await server.OpenAsync();
        await client.SendAsync([.. WireFrame.MaskedText("one"), .. WireFrame.MaskedText("two")]);
        await isWorking.Task;

        server.Time.Advance(TimeSpan.FromSeconds(20) + (2 * Tick));
        Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);
        server.Time.Advance(TimeSpan.FromSeconds(10));
        release.SetResult();
        Assert.Equal("one", (await client.ReadFrameAsync()).Text);
        Assert.Equal("two", (await client.ReadFrameAsync()).Text);
        await client.WaitUntilServerWaitsAsync();

        // Of its time none has passed yet.
        await AssertPongIsDueAsync(server, client);
    }

    [Fact]
    public async Task Pings_are_answered_while_a_handler_works()
    {
        var release = new TaskCompletionSource();
        var isWorking = new TaskCompletionSource();
        var received = new List<string>();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                isWorking.SetResult();
                await release.Task;
                received.Add(message.GetText());
                await connection.SendAsync(message, cancellationToken);
            }
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("held while control frames pass"));
        await isWorking.Task;
        server.Time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);

        await client.SendAsync(WireFrame.Masked(0x89, 1, 2, 3));
        var pong = await client.ReadFrameAsync();
        Assert.Equal(0xA, pong.Opcode);
        Assert.Equal([1, 2, 3], pong.Payload);

        release.SetResult();
        Assert.Equal("held while control frames pass", (await client.ReadFrameAsync()).Text);
        Assert.Equal(["held while control frames pass"], received);
    }

    [Fact]
    public async Task A_session_that_only_sends_learns_that_its_peer_closes()
    {
        var result = new TaskCompletionSource<CloseResult>();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            result.SetResult(await connection.Closed);
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedClose(4001, "enough"));
        server.Time.Advance(TimeSpan.FromSeconds(21));

        var close = await result.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(new CloseResult(CloseInitiator.Remote, true, (CloseCode)4001, "", (CloseCode)4001, "enough"), close);
    }

    [Fact]
    public async Task PingAsync_measures_the_round_trip_and_a_pong_answers_earlier_pings_too()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            connected.SetResult(connection);
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        await using var client = await server.OpenAsync();
        var connection = await connected.Task;

        var first = connection.PingAsync();
        server.Time.Advance(TimeSpan.FromMilliseconds(300));
        var second = connection.PingAsync();
        await client.ReadFrameAsync();
        var ping = await client.ReadFrameAsync();

        server.Time.Advance(TimeSpan.FromMilliseconds(500));
        await client.SendAsync(WireFrame.Masked(0x8A, ping.Payload));

        Assert.Equal(TimeSpan.FromMilliseconds(800), await first);
        Assert.Equal(TimeSpan.FromMilliseconds(500), await second);
        Assert.Equal(TimeSpan.FromMilliseconds(500), connection.RoundTripTime);
    }

    [Fact]
    public async Task PingAsync_fails_when_the_connection_ends_first()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            connected.SetResult(connection);
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        await using var client = await server.OpenAsync();
        var ping = (await connected.Task).PingAsync();

        client.Abort();

        await Assert.ThrowsAsync<WebSocketClosedException>(() => ping);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => connected.Task.Result.PingAsync());
    }

    // The number of no ping, and of all of them to an implementation that is not careful.
    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("0000000000000002")]
    [InlineData("0000000000000000")]
    [InlineData("00000001")]
    [InlineData("")]
    public async Task A_pong_that_answers_no_ping_answers_none(string payload)
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            connected.SetResult(connection);
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        await using var client = await server.OpenAsync();
        var ping = (await connected.Task).PingAsync();
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], (await client.ReadFrameAsync()).Payload);

        await client.SendAsync(WireFrame.Masked(0x8A, Convert.FromHexString(payload)));
        await AssertEchoesAsync(client);

        Assert.False(ping.IsCompleted);
        await client.SendAsync(WireFrame.Masked(0x8A, 0, 0, 0, 0, 0, 0, 0, 1));
        await ping;
    }

    [Fact]
    public async Task The_seventeenth_unanswered_ping_is_refused()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            connected.SetResult(connection);
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        await using var client = await server.OpenAsync();
        var connection = await connected.Task;

        var pings = Enumerable.Range(0, 16).Select(_ => connection.PingAsync()).ToList();

        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.PingAsync());
        client.Abort();
        foreach (var ping in pings)
            await Assert.ThrowsAsync<WebSocketClosedException>(() => ping);
    }

    [Fact]
    public async Task The_application_sees_pings_and_pongs_and_may_answer_them_itself()
    {
        var seen = new List<string>();
        await using var server = await TestServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                connection.PingReceived = (sender, payload) =>
                {
                    seen.Add($"ping {Convert.ToHexString(payload)}");
                    sender.SendPong([9, 9]);
                };
                connection.PongReceived = (_, payload) => seen.Add($"pong {Convert.ToHexString(payload)}");
                await TestServer.EchoAsync(connection, cancellationToken);
            },
            options => options.AutomaticPong = false);
        await using var client = await server.OpenAndRestAsync();

        await client.SendAsync(WireFrame.Masked(0x8A, 0xAB), WireFrame.Masked(0x89, 0xCD));

        Assert.Equal([9, 9], (await client.ReadFrameAsync()).Payload);
        await AssertEchoesAsync(client);
        Assert.Equal(["pong AB", "ping CD"], seen);
    }

    // Twenty seconds of silence, and twenty for the pong.
    /// <summary>A server whose session sends each message back, and works on the first until it is released.</summary>
    private static Task<TestServer> StartBusyAsync(TaskCompletionSource isWorking, Task released)
        => TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                isWorking.TrySetResult();
                await released;
                await connection.SendAsync(message, cancellationToken);
            }
        });

    private static async Task AssertClosesWithoutPongAsync(TestServer server, WireClient client)
    {
        server.Time.Advance(TimeSpan.FromSeconds(20) + (2 * Tick));
        Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);
        await AssertPongIsDueAsync(server, client);
    }

    /// <summary>Waits for 20 seconds, and not for less.</summary>
    private static async Task AssertPongIsDueAsync(TestServer server, WireClient client)
    {
        server.Time.Advance(TimeSpan.FromSeconds(19));
        var next = client.ReadFrameAsync();
        Assert.False(next.IsCompleted);

        server.Time.Advance(TimeSpan.FromSeconds(2));
        var frame = await next.WaitAsync(TimeSpan.FromSeconds(30));
        while (frame.Opcode == 0x9)
            frame = await client.ReadFrameAsync();

        Assert.Equal((0x8, 1011), (frame.Opcode, frame.CloseCode));
    }

    private static async Task AssertEchoesAsync(WireClient client)
    {
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
    }
}
