using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class ClosingTests
{
    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1007)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(4999)]
    public async Task The_peers_close_is_echoed_and_the_server_ends_tcp_first(int code)
    {
        var (server, session) = await StartObservedAsync();
        await using var _ = server;
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedClose(code, "bye"));

        var close = await client.ReadFrameAsync();
        Assert.Equal((0x88, code), (close.First, close.CloseCode));
        Assert.True(await client.IsAtEndAsync());
        client.EndSending();

        var result = await session;
        Assert.Equal(new CloseResult(CloseInitiator.Remote, true, (CloseCode)code, "", (CloseCode)code, "bye"), result);
    }

    [Fact]
    public async Task A_close_without_a_code_is_answered_without_a_code()
    {
        var (server, session) = await StartObservedAsync();
        await using var _ = server;
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.Masked(0x88));

        Assert.Empty((await client.ReadFrameAsync()).Payload);
        Assert.True(await client.IsAtEndAsync());
        Assert.Equal(CloseCode.NoStatusReceived, (await session).ReceivedCode);
    }

    [Theory]
    [InlineData("03", 1002)]
    [InlineData("03E7", 1002)]
    [InlineData("03EC", 1002)]
    [InlineData("03ED", 1002)]
    [InlineData("03EE", 1002)]
    [InlineData("03F7", 1002)]
    [InlineData("07D0", 1002)]
    [InlineData("1388", 1002)]
    [InlineData("FFFF", 1002)]
    [InlineData("0000", 1002)]
    [InlineData("03E8C328", 1007)]
    public async Task A_malformed_close_fails_the_connection(string body, int code)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.Masked(0x88, Convert.FromHexString(body)));

        Assert.Equal(code, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task What_follows_a_close_frame_is_discarded()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedClose(1000), .. WireFrame.MaskedText("ignored"), .. WireFrame.Unmasked(0xFF, 1, 2, 3)]);

        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.IsAtEndAsync());
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_session_that_returns_closes_with_1000()
    {
        await using var server = await TestServer.StartAsync((_, _) => Task.CompletedTask);
        await using var client = await server.OpenAsync();

        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1000));
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task A_session_that_throws_closes_with_1011_and_touches_nobody_else()
    {
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                if (message.GetText() == "fail")
                    throw new InvalidOperationException("a secret of the application");
                await connection.SendAsync(message, cancellationToken);
            }
        });
        await using var bystander = await server.OpenAsync();
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("fail"));

        var close = await client.ReadFrameAsync();
        Assert.Equal(1011, close.CloseCode);
        Assert.DoesNotContain("secret", close.CloseReason, StringComparison.Ordinal);
        await bystander.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await bystander.ReadFrameAsync()).Text);
        Assert.Single(server.Log.AboveDebug, entry => entry.Contains("a secret of the application", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CloseAsync_says_who_closed_how_cleanly_and_both_codes()
    {
        var (server, session) = await StartObservedAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await connection.CloseAsync((CloseCode)4000, "server's wish");
        });
        await using var _ = server;
        await using var client = await server.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedText("close please"), .. WireFrame.MaskedText("in flight"), .. WireFrame.Masked(0x81)]);
        var close = await client.ReadFrameAsync();
        Assert.Equal((4000, "server's wish"), (close.CloseCode, close.CloseReason));
        await client.SendAsync(WireFrame.MaskedText("crossed it on the way"), WireFrame.MaskedClose(4000, "client's answer"));

        Assert.Equal(
            new CloseResult(CloseInitiator.Local, true, (CloseCode)4000, "server's wish", (CloseCode)4000, "client's answer"), await session);
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task CloseAsync_is_bounded_when_the_peer_does_not_answer()
    {
        var (server, session) = await StartObservedAsync((connection, _) => connection.CloseAsync(CloseCode.PolicyViolation));
        await using var _ = server;
        await using var client = await server.OpenAsync();

        Assert.Equal(1008, (await client.ReadFrameAsync()).CloseCode);
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(new CloseResult(CloseInitiator.Local, false, CloseCode.PolicyViolation, "", CloseCode.AbnormalClosure, ""), await session);
        Assert.True(await client.IsAtEndAsync());

        // The peer does not end its side either: in the end the connection is dropped.
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(6));
        await UntilGoneAsync(server);
    }

    [Fact]
    public async Task CloseAsync_returns_though_the_peer_floods_and_the_session_holds_a_message()
    {
        var (server, session) = await StartObservedAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                await connection.CloseAsync(CloseCode.PolicyViolation, "too much");
                Assert.Equal("held", message.GetText());
            }
        });
        await using var _ = server;
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("held"));
        for (var index = 0; index < 50; index++)
            await client.SendAsync(WireFrame.MaskedText(new string('x', 1000)));
        await client.SendAsync(WireFrame.MaskedClose(1008));

        Assert.True((await session).IsClean);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task Both_sides_may_close_at_once()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        var (server, session) = await StartObservedAsync(async (connection, cancellationToken) =>
        {
            connected.SetResult(connection);
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        await using var _ = server;
        await using var client = await server.OpenAsync();
        var connection = await connected.Task;

        await Task.WhenAll(client.SendAsync(WireFrame.MaskedClose(4002)), Task.Run(() => connection.CloseAsync((CloseCode)4001)));

        var result = await session;
        Assert.True(result.IsClean);
        Assert.Equal((CloseCode)4002, result.ReceivedCode);
        Assert.Equal((int)result.SentCode, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task An_end_without_a_close_frame_is_1006_here_and_nowhere_on_the_wire()
    {
        var (server, session) = await StartObservedAsync();
        await using var _ = server;
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("half of a mess")[..8]);
        client.EndSending();

        Assert.Equal(new CloseResult(CloseInitiator.Transport, false, CloseCode.AbnormalClosure, "", CloseCode.AbnormalClosure, ""), await session);
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_reset_ends_the_session_in_an_ordinary_way()
    {
        var (server, session) = await StartObservedAsync();
        await using var _ = server;
        await using var client = await server.OpenAsync();

        client.Abort();

        Assert.Equal(CloseInitiator.Transport, (await session).Initiator);
        await UntilGoneAsync(server);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task Abort_returns_at_once_and_ends_everything_that_waits()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        var (server, session) = await StartObservedAsync(async (connection, cancellationToken) =>
        {
            connected.SetResult(connection);
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        await using var _ = server;
        await using var client = await server.OpenAsync(capacity: 1024);
        var connection = await connected.Task;
        var send = connection.SendAsync(new byte[100_000]).AsTask();
        var ping = connection.PingAsync();

        connection.Abort();
        connection.Abort();

        await Assert.ThrowsAsync<WebSocketClosedException>(() => send);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => ping);
        Assert.Equal((CloseInitiator.Local, false), ((await session).Initiator, (await session).IsClean));
        await UntilGoneAsync(server);
    }

    [Fact]
    public async Task A_peer_that_never_reads_is_aborted_by_the_write_timeout()
    {
        var (server, session) = await StartObservedAsync(
            async (connection, cancellationToken) =>
            {
                while (true)
                    await connection.SendAsync(new byte[10_000], MessageType.Binary, CancellationToken.None);
            },
            options => options.KeepAliveInterval = Timeout.InfiniteTimeSpan);
        await using var _ = server;
        await using var client = await server.OpenAsync(capacity: 20_000);

        await AdvanceUntilAsync(server, session);

        Assert.Equal(new CloseResult(CloseInitiator.Local, false, CloseCode.AbnormalClosure, "", CloseCode.AbnormalClosure, ""), await session);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(-1)]
    [InlineData(66_536)]
    public async Task CloseAsync_refuses_a_code_that_must_not_be_sent(int code)
    {
        var checkedCode = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => connection.CloseAsync((CloseCode)code));
            Assert.True(connection.IsOpen);
            checkedCode.SetResult();
        });
        await using var client = await server.OpenAsync();

        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(checkedCode.Task.IsCompleted);
    }

    [Fact]
    public async Task A_close_reason_has_at_most_123_bytes()
    {
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            await Assert.ThrowsAsync<ArgumentException>(() => connection.CloseAsync(reason: new string('ä', 62)));
            await connection.CloseAsync(reason: new string('x', 123));
        });
        await using var client = await server.OpenAsync();

        Assert.Equal(new string('x', 123), (await client.ReadFrameAsync()).CloseReason);
    }

    private static async Task<(TestServer Server, Task<CloseResult> Closed)> StartObservedAsync(
        Func<WebSocketConnection, CancellationToken, Task>? session = null, Action<WebSocketServerOptions>? configure = null)
    {
        var closed = new TaskCompletionSource<CloseResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            _ = connection.Closed.ContinueWith(task => closed.SetResult(task.Result), TaskScheduler.Default);
            await (session ?? TestServer.EchoAsync)(connection, cancellationToken);
        }, configure);
        return (server, closed.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static async Task AdvanceUntilAsync(TestServer server, Task task)
    {
        // Real time goes by only as far as other threads need it; the clock of the server is what counts.
        while (!task.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private static async Task UntilGoneAsync(TestServer server)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (server.Server.ConnectionCount > 0)
        {
            timeout.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
