using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Http;

/// <summary>Several requests on one connection, and what may come between them.</summary>
public sealed class KeepAliveTests
{
    private const string Get = "GET /path HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_response_has_its_head_and_the_connection_goes_on()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();
        for (var count = 0; count < 3; count++)
        {
            await client.SendAsync(Get);
            Assert.Equal(
                "HTTP/1.1 200 OK\r\nDate: Tue, 01 Jan 2030 00:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n\r\n", await client.ReadHeadAsync());
            Assert.Equal("GET /path", Encoding.ASCII.GetString(await client.ReadBytesAsync(9)));
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_their_order_one_after_the_other()
    {
        var atOnce = 0;
        await using var server = await StartAsync(async (request, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref atOnce));
            await Task.Yield();
            Interlocked.Decrement(ref atOnce);
            return HttpResponse.Text(request.Path);
        });
        await using var client = server.Connect();

        await client.SendAsync(string.Concat(Enumerable.Range(0, 500).Select(number => Get.Replace("/path", $"/{number}", StringComparison.Ordinal))));

        for (var number = 0; number < 500; number++)
            Assert.Equal($"/{number}", (await client.ReadResponseAsync()).Text);
    }

    // A client that never reads its responses is not served ahead: what it asks for waits in the network.
    [Fact]
    public async Task A_pipelined_flood_is_held_up_by_whoever_does_not_read_and_ends_with_its_write_timeout()
    {
        var handled = 0;
        await using var server = await StartAsync(
            (_, _) =>
            {
                Interlocked.Increment(ref handled);
                return new(HttpResponse.Bytes(new byte[10_000], "application/octet-stream"));
            },
            options => options.MaxRequestsPerConnection = int.MaxValue);
        await using var client = server.Connect(capacity: 100_000);

        await client.SendAsync(string.Concat(Enumerable.Repeat(Get, 5_000)));
        await Eventually.HoldsAsync(() => Volatile.Read(ref handled) > 5);
        server.Time.Advance(29 * Second);
        Assert.Equal(1, server.Server.ConnectionCount);
        Assert.InRange(Volatile.Read(ref handled), 6, 20);

        await Eventually.CompletesAsync(server.Time, Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0));
        Assert.InRange(handled, 6, 20);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData("GET /path HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /path HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\n")]
    [InlineData("GET /path HTTP/1.0\r\n\r\n")]
    [InlineData("GET /path HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")]
    [InlineData("GET /path HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")]
    public async Task A_client_that_wants_no_other_request_gets_no_other(string request)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();

        await client.SendAsync(request + Get);

        var response = await client.ReadResponseAsync();
        Assert.Equal((200, "GET /path", true), (response.Status, response.Text, response.Closes));
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task A_connection_has_exactly_its_number_of_requests()
    {
        await using var server = await StartAsync(configure: options => options.MaxRequestsPerConnection = 3);
        await using var client = server.Connect();

        await client.SendAsync(Get + Get + Get + Get);

        Assert.False((await client.ReadResponseAsync()).Closes);
        Assert.False((await client.ReadResponseAsync()).Closes);
        Assert.True((await client.ReadResponseAsync()).Closes);
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task HEAD_is_answered_like_GET_without_content()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();

        await client.SendAsync(Get.Replace("GET", "HEAD", StringComparison.Ordinal) + Get);

        var response = await client.ReadResponseAsync(isHead: true);
        Assert.Equal((200, "10", "text/plain; charset=utf-8"), (response.Status, response.Field("Content-Length"), response.Field("Content-Type")));
        Assert.Equal("GET /path", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upgrade_may_come_after_requests_on_the_same_path(bool isPipelined)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();
        var upgrade = WireClient.Handshake.Replace("/echo", "/path", StringComparison.Ordinal) + "\r\n";

        await client.SendAsync(isPipelined ? Get + Get + upgrade : Get + Get);
        Assert.Equal("GET /path", (await client.ReadResponseAsync()).Text);
        Assert.Equal("GET /path", (await client.ReadResponseAsync()).Text);
        if (!isPipelined)
            await client.SendAsync(upgrade);

        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);

        // The deadlines of HTTP are no more; those of WebSocket are.
        server.Time.Advance(19 * Second);
        await client.SendAsync(WireFrame.MaskedText("still"));
        Assert.Equal("still", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task Who_asks_for_a_WebSocket_where_there_is_none_gets_nothing_else()
    {
        await using var server = await TestServer.StartAsync(map: server => server.MapGet("/path", Echo));
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake.Replace("13", "12", StringComparison.Ordinal).Replace("/echo", "/path", StringComparison.Ordinal) + "\r\n" + Get);

        var response = await client.ReadResponseAsync();
        Assert.Equal((426, "close, Upgrade"), (response.Status, response.Field("Connection")));
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task A_plain_request_where_there_is_only_a_session_is_told_to_upgrade()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();

        await client.SendAsync(Get);

        Assert.Equal(426, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Between_two_requests_a_connection_ends_without_a_word()
    {
        await using var server = await StartAsync(configure: options => options.HttpIdleTimeout = 20 * Second);
        await using var client = server.Connect();
        await client.SendAsync(Get);
        await client.ReadResponseAsync();
        await client.WaitUntilServerWaitsAsync();

        server.Time.Advance(19 * Second);
        await client.SendAsync(Get);
        await client.ReadResponseAsync();
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(19 * Second);
        Assert.Equal(1, server.Server.ConnectionCount);
        server.Time.Advance(2 * Second);

        Assert.True(await client.IsAtEndAsync());
        client.EndSending();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task The_deadline_of_a_later_head_counts_from_its_first_byte_however_busily_a_client_dribbles()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();
        await client.SendAsync(Get);
        await client.ReadResponseAsync();
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(30 * Second);

        await client.SendAsync("GET /path HTTP/1.1\r\n");
        for (var second = 0; second < 10; second++)
        {
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(Second);
            await client.SendAsync($"X-{second}: y\r\n");
        }

        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(Second);
        var response = await client.ReadResponseAsync();
        Assert.Equal((408, true), (response.Status, response.Closes));
    }

    // Whatever is refused, and whenever: the answer has a deadline.
    [Theory]
    [InlineData("", "POST /path HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n")]
    [InlineData(Get, "POST /path HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n")]
    [InlineData(Get, "POST /path HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(Get, "GET / HTTP/3.0\r\n")]
    public async Task A_client_that_does_not_take_its_refusal_is_dropped(string before, string refused)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect(capacity: 10);
        await client.SendAsync(before + refused);
        if (before.Length > 0)
            await client.ReadResponseAsync();

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        await Eventually.CompletesAsync(server.Time, Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0));
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task The_hook_of_an_upgrade_after_requests_has_the_time_that_it_would_have_had_before_them()
    {
        var asked = new TaskCompletionSource();
        await using var server = await StartAsync(configure: options => options.OnUpgrade = async (_, cancellationToken) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return UpgradeResponse.Accept();
        });
        await using var client = server.Connect();
        await client.SendAsync(Get + WireClient.Handshake + "\r\n");
        await client.ReadResponseAsync();
        await asked.Task.WaitAsync(30 * Second);

        server.Time.Advance(9 * Second);
        var response = client.ReadResponseAsync();
        Assert.False(response.IsCompleted);
        server.Time.Advance(2 * Second);

        Assert.Equal(503, (await response).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_at_any_byte_of_its_second_request_leaves_nothing(bool isReset)
    {
        await using var server = await StartAsync();
        for (var length = 0; length <= Get.Length; length++)
        {
            await using var client = server.Connect();
            await client.SendAsync(Get + Get[..length]);
            await client.ReadResponseAsync();
            if (isReset)
                client.Abort();
            else
                client.EndSending();
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task When_the_server_stops_idle_connections_end_and_unfinished_heads_are_refused()
    {
        await using var server = await StartAsync();
        await using var idle = server.Connect();
        await idle.SendAsync(Get);
        await idle.ReadResponseAsync();
        await idle.WaitUntilServerWaitsAsync();
        await using var unfinished = server.Connect();
        await unfinished.SendAsync(Get + "GET ");
        await unfinished.ReadResponseAsync();
        await unfinished.WaitUntilServerWaitsAsync();

        var stopping = server.Server.StopAsync();

        Assert.True(await idle.IsAtEndAsync());
        Assert.Equal(503, (await unfinished.ReadResponseAsync()).Status);
        idle.EndSending();
        unfinished.EndSending();
        await Eventually.CompletesAsync(server.Time, stopping);
    }

    // The watch for its client reads meanwhile, and is what the announcement wakes.
    [Fact]
    public async Task A_connection_whose_response_is_under_way_when_the_server_stops_ends_behind_it()
    {
        var (answer, end) = (new TaskCompletionSource<HttpResponse>(), new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(map: server =>
        {
            server.MapGet("/path", (_, _) => new(answer.Task));
            server.MapGet("/idle", Echo);
        });
        await using var client = server.Connect();
        await client.SendAsync(Get);
        await client.WaitUntilServerWaitsAsync();
        await using var idle = server.Connect();
        await idle.SendAsync(Get.Replace("/path", "/idle", StringComparison.Ordinal));
        await idle.ReadResponseAsync();
        await idle.WaitUntilServerWaitsAsync();
        answer.SetResult(HttpResponse.Streamed(new GatedStream(end.Task), "text/plain", length: 2));
        await client.ReadHeadAsync();

        // They are told in the order in which they have come.
        var stopping = server.Server.StopAsync();
        Assert.True(await idle.IsAtEndAsync());
        end.SetResult();

        Assert.Equal("xy"u8.ToArray(), await client.ReadToEndAsync());
        idle.EndSending();
        client.EndSending();
        await stopping.WaitAsync(30 * Second);
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_refusal_is_dropped_also_where_it_may_be_idle_for_ever()
    {
        await using var server = await StartAsync(configure: options => options.HttpIdleTimeout = Timeout.InfiniteTimeSpan);
        await using var client = server.Connect(capacity: 10);
        await client.SendAsync(Get + "GET / HTTP/3.0\r\n");
        await client.ReadResponseAsync();

        await Eventually.CompletesAsync(server.Time, Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0));
        Assert.Empty(server.Log.AboveDebug);
    }

    private static Task<TestServer> StartAsync(
        Func<HttpRequest, CancellationToken, ValueTask<HttpResponse>>? handler = null, Action<WebSocketServerOptions>? configure = null)
        => TestServer.StartAsync(configure: configure, map: server => server.MapGet("*", handler ?? Echo));

    /// <summary>One byte, and another one when a test says so.</summary>
    private sealed class GatedStream(Task gate) : MemoryStream("xy"u8.ToArray())
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > 0)
                await gate;

            return await base.ReadAsync(buffer[..1], cancellationToken);
        }
    }

    private static ValueTask<HttpResponse> Echo(HttpRequest request, CancellationToken cancellationToken) => new(HttpResponse.Text($"{request.Method} {request.Path}"));
}
