using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>Without keep-alive nothing is due while a connection is idle, and the wheel stands still: what begins then has its full time.</summary>
public sealed class DeadlinesAfterStandstillTests
{
    private static readonly TimeSpan LongTime = TimeSpan.FromHours(10);
    private static readonly TimeSpan ShortTime = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_message_has_its_full_time()
    {
        await using var server = await TestServer.StartAsync(configure: WithoutKeepAlive);
        await using var client = await OpenAndIdleAsync(server);
        var message = WireFrame.MaskedText("in two pieces");

        await client.SendAsync(message[..8]);
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(ShortTime);
        await client.SendAsync(message[8..]);

        Assert.Equal("in two pieces", (await client.ReadFrameAsync()).Text);
    }

    // Its deadline passes while nobody listens, and then nothing else is due.
    [Fact]
    public async Task A_message_that_nobody_listened_for_meanwhile_has_what_is_left_of_its_time_and_no_more()
    {
        var (isPausing, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var impatience = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveAsync(impatience.Token));
                isPausing.SetResult();
                await goOn.Task;
                await connection.ReceiveAsync();
            },
            WithoutKeepAlive);
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("in two pieces")[..8]);
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(20));
        await impatience.CancelAsync();
        await isPausing.Task;
        server.Time.Advance(LongTime);
        goOn.SetResult();
        await client.WaitUntilServerWaitsAsync();

        server.Time.Advance(TimeSpan.FromSeconds(39));
        var close = client.ReadFrameAsync();
        Assert.False(close.IsCompleted);

        server.Time.Advance(ShortTime);
        Assert.Equal(1008, (await close.WaitAsync(TimeSpan.FromSeconds(30))).CloseCode);
    }

    [Fact]
    public async Task A_message_that_began_while_its_session_worked_has_its_full_time()
    {
        var (isWorking, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await connection.ReceiveAsync();
                isWorking.SetResult();
                await goOn.Task;
                await connection.SendAsync((await connection.ReceiveAsync())!.Value.GetText());
            },
            WithoutKeepAlive);
        await using var client = await server.OpenAsync();
        var second = WireFrame.MaskedText("in two pieces");

        await client.SendAsync([.. WireFrame.MaskedText("work"), .. second[..8]]);
        await isWorking.Task;
        server.Time.Advance(LongTime);
        goOn.SetResult();
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(59));
        await client.SendAsync(second[8..]);

        Assert.Equal("in two pieces", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_send_that_waits_has_its_full_time()
    {
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await connection.ReceiveAsync();
                await connection.SendAsync(new byte[50_000]);
            },
            WithoutKeepAlive);
        await using var client = await OpenAndIdleAsync(server, capacity: 1000);

        await client.SendAsync(WireFrame.MaskedText("go"));
        server.Time.Advance(ShortTime);

        Assert.Equal(50_000, (await client.ReadFrameAsync()).Payload.Length);
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
    }

    [Fact]
    public async Task A_closing_has_its_full_time()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await connection.ReceiveAsync();
                closed.SetResult(await connection.CloseAsync());
            },
            WithoutKeepAlive);
        await using var client = await OpenAndIdleAsync(server);

        await client.SendAsync(WireFrame.MaskedText("go"));
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        server.Time.Advance(ShortTime);
        Assert.False(closed.Task.IsCompleted);
        await client.SendAsync(WireFrame.MaskedClose(1000));

        Assert.True((await closed.Task.WaitAsync(TimeSpan.FromSeconds(30))).IsClean);
    }

    [Fact]
    public async Task A_refused_client_has_its_full_time_to_go()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.HandshakeTimeout = Timeout.InfiniteTimeSpan);
        await using var client = server.Connect();
        await client.SendAsync("GET / ");
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(LongTime);

        await client.SendAsync("HTTP/9.9\r\n");
        server.Time.Advance(ShortTime);

        Assert.StartsWith("HTTP/1.1 505 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.ReadToEndAsync();
    }

    private static void WithoutKeepAlive(WebSocketServerOptions options)
        => options.KeepAliveInterval = options.IdleTimeout = Timeout.InfiniteTimeSpan;

    private static async Task<WireClient> OpenAndIdleAsync(TestServer server, int capacity = 64 * 1024)
    {
        var client = await server.OpenAsync(capacity);
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(LongTime);
        return client;
    }
}
