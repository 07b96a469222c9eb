using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RawWs.Server;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class DrainTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly DrainOptions Restart = new() { CloseCode = CloseCode.ServiceRestart, Reason = "back soon" };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(999, 1)]
    [InlineData(1_000, 2)]
    [InlineData(1_999, 2)]
    [InlineData(8_999, 9)]
    [InlineData(9_000, 10)]
    [InlineData(9_999, 10)]
    [InlineData(10_000, 10)]
    [InlineData(1_000_000, 10)]
    public void The_first_is_closed_at_once_and_the_others_evenly_behind_it(int milliseconds, int count)
        => Assert.Equal(count, Drain.DueAfter(TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromSeconds(10), 10));

    [Fact]
    public void However_many_and_however_long_nothing_overflows()
    {
        var longest = TimeSpan.FromMilliseconds(int.MaxValue);
        Assert.Equal(int.MaxValue / 2, Drain.DueAfter(longest / 2, longest, int.MaxValue), 2.0);
        Assert.Equal(5, Drain.DueAfter(TimeSpan.Zero, TimeSpan.Zero, 5));
        Assert.Equal(0, Drain.DueAfter(TimeSpan.Zero, TimeSpan.Zero, 0));
    }

    [Theory]
    [InlineData(60_000, 0, 0)]
    [InlineData(60_000, 3, 30)]
    [InlineData(60_000, 6_000, 60_000)]
    [InlineData(60_000, 100_000, 60_000)]
    [InlineData(0, 100_000, 0)]
    [InlineData(2_000_000_000, int.MaxValue, 2_000_000_000)]
    public void A_few_do_not_take_the_whole_window(int window, int count, int milliseconds)
        => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Drain.WindowOf(new() { Window = TimeSpan.FromMilliseconds(window) }, count));

    // The session sends with its own token, which is cancelled when the stopping begins.
    [Fact]
    public async Task Until_its_turn_comes_a_connection_goes_on_as_before()
    {
        await using var server = await TestServer.StartAsync();
        var clients = new List<WireClient>();
        for (var i = 0; i < 4; i++)
            clients.Add(await server.OpenAsync());

        var first = clients.ToDictionary(client => client, client => client.ReadFrameAsync());
        var stopping = server.Server.StopAsync(Restart with { Window = TimeSpan.FromMinutes(1) }, CancellationToken.None);
        var closed = await Task.WhenAny(first.Values);
        Assert.Equal(1012, (await closed).CloseCode);

        foreach (var (client, frame) in first.Where(client => client.Value != closed))
        {
            await client.SendAsync(WireFrame.MaskedText("still here"));
            Assert.Equal("still here", (await frame).Text);
        }

        foreach (var client in clients)
            client.Abort();

        await Eventually.CompletesAsync(server.Time, stopping);
    }

    [Fact]
    public async Task Ten_thousand_are_closed_with_the_code_spread_over_the_window()
    {
        const int Count = 10_000;
        var (time, window) = (new ManualTimeProvider(), TimeSpan.FromSeconds(20));
        await using var server = new WebSocketServer(new()
        {
            TimeProvider = time,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            CloseTimeout = Timeout.InfiniteTimeSpan,
        });
        server.Map("*", TestServer.EchoAsync);
        var clients = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => OpenAsync(server)));
        var (start, seenAt) = (time.GetUtcNow(), new ConcurrentBag<(DateTimeOffset At, int Code, string Reason)>());
        var answering = clients.Select(async client =>
        {
            var close = await client.ReadFrameAsync();
            seenAt.Add((time.GetUtcNow(), close.CloseCode, close.CloseReason));
            await client.SendAsync(WireFrame.MaskedClose(close.CloseCode));
            client.EndSending();
        }).ToList();

        var stopping = server.StopAsync(Restart with { Window = window });
        for (var elapsed = TimeSpan.Zero; elapsed < window; elapsed += TimeSpan.FromMilliseconds(500))
        {
            // What is due by now comes, without any more of the window.
            await Eventually.HoldsAsync(() => seenAt.Count >= Drain.DueAfter(elapsed, window, Count));
            while (time.GetUtcNow() - start < elapsed + TimeSpan.FromMilliseconds(500))
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                await Task.Yield();
            }
        }

        await Eventually.CompletesAsync(time, stopping);
        await Task.WhenAll(answering);
        Assert.Equal(Count, seenAt.Count);
        Assert.All(seenAt, close => Assert.Equal((1012, "back soon"), (close.Code, close.Reason)));
        var number = 0;
        foreach (var (at, _, _) in seenAt.OrderBy(close => close.At))
            Assert.True(at - start >= window * number++ / Count, $"Close {number} came after {at - start}.");

        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task All_sessions_are_told_first_and_those_that_return_close_with_the_code()
    {
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            if (connection.Path == "/waits")
                await Task.Delay(Timeout.Infinite, cancellationToken);

            if (connection.Path is "/returns" or "/throws")
            {
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (connection.Path == "/throws")
                    throw new InvalidOperationException("of its own");

                return;
            }

            // It finishes what it is at: what it sent with its token would be cancelled.
            await TestServer.EchoAsync(connection, CancellationToken.None);
        },
        options =>
        {
            // The clock is moved on until the last one has had its turn, and that is all that comes of it: no ping, no peer who was silent or slow.
            options.KeepAliveInterval = options.IdleTimeout = options.CloseTimeout = Timeout.InfiniteTimeSpan;
        });

        // The first in the set has its turn at once; all others would have to wait for the clock, which stands still.
        await using var first = await server.OpenAsync(path: "/echo");
        await using var waits = await server.OpenAsync(path: "/waits");
        await using var returns = await server.OpenAsync(path: "/returns");
        await using var throws = await server.OpenAsync(path: "/throws");
        await using var echoes = await server.OpenAsync(path: "/echo");

        var stopping = server.Server.StopAsync(Restart with { Window = TimeSpan.FromSeconds(60) });

        Assert.Equal((1012, "back soon"), Code(await waits.ReadFrameAsync()));
        Assert.Equal((1012, "back soon"), Code(await returns.ReadFrameAsync()));
        Assert.Equal((1011, "internal error"), Code(await throws.ReadFrameAsync()));
        Assert.Equal((1012, "back soon"), Code(await first.ReadFrameAsync()));

        // It is served until it has its turn.
        await echoes.SendAsync(WireFrame.MaskedText("still"));
        Assert.Equal("still", (await echoes.ReadFrameAsync()).Text);
        foreach (var client in new[] { first, waits, returns, throws })
            client.Abort();

        var turn = echoes.ReadFrameAsync();
        await Eventually.CompletesAsync(server.Time, turn);
        Assert.Equal((1012, "back soon"), Code(await turn));
        echoes.Abort();
        await stopping.WaitAsync(LongestWait);
    }

    [Fact]
    public async Task It_is_ready_from_its_start_to_its_stop_and_refuses_with_503_until_all_have_gone()
    {
        var options = new WebSocketServerOptions { EndPoints = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0)] };
        await using var server = new WebSocketServer(options);
        server.Map("*", TestServer.EchoAsync);
        Assert.False(server.IsReady);
        await server.StartAsync();
        Assert.True(server.IsReady);
        var endPoint = server.EndPoints[0];
        await using var last = await WireClient.ConnectAsync(endPoint);
        await last.OpenAsync();

        var stopping = server.StopAsync();
        Assert.False(server.IsReady);
        Assert.Equal(1001, (await last.ReadFrameAsync()).CloseCode);
        await using (var late = await WireClient.ConnectAsync(endPoint))
        {
            var response = Encoding.ASCII.GetString(await late.ReadToEndAsync());
            Assert.StartsWith("HTTP/1.1 503 ", response, StringComparison.Ordinal);
            Assert.Contains("\r\nRetry-After: 5\r\n", response, StringComparison.Ordinal);
            Assert.EndsWith("the server is stopping", response, StringComparison.Ordinal);
        }

        Assert.False(stopping.IsCompleted);
        await last.SendAsync(WireFrame.MaskedClose(1001));
        last.EndSending();
        await stopping.WaitAsync(LongestWait);
        await Assert.ThrowsAsync<SocketException>(() => WireClient.ConnectAsync(endPoint));
    }

    [Fact]
    public async Task With_nobody_there_it_is_over_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.Server.StopAsync(new DrainOptions { Window = TimeSpan.FromDays(1) }).WaitAsync(LongestWait);
        Assert.False(server.Server.IsReady);
        Assert.Empty(server.Log.AboveDebug);
    }

    // Whoever is refused is bounded by a deadline of his own; the clients that keep coming must not keep the server alive.
    [Fact]
    public async Task Refused_clients_do_not_hold_it_up()
    {
        await using var server = await TestServer.StartAsync();
        var last = await server.OpenAsync();
        var stopping = server.Server.StopAsync(new DrainOptions { Timeout = TimeSpan.FromMinutes(1) });
        Assert.Equal(1001, (await last.ReadFrameAsync()).CloseCode);
        await using var refused = server.Connect();
        Assert.StartsWith("HTTP/1.1 503 ", await refused.ReadHeadAsync(), StringComparison.Ordinal);

        last.Abort();
        await Eventually.CompletesAsync(server.Time, stopping);
        Assert.DoesNotContain(server.Log.AboveDebug, entry => entry.Contains("aborted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_peer_that_never_reads_and_a_session_that_never_returns_end_at_the_deadline()
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                var sending = connection.SendAsync(new byte[1_000_000]);
                await release.Task;
                await sending;
            },
            options => (options.WriteTimeout, options.CloseTimeout) = (Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        await using var deaf = await server.OpenAsync(capacity: 1);

        var stopping = server.Server.StopAsync(new DrainOptions { Timeout = TimeSpan.FromSeconds(30) });
        await Eventually.HoldsAsync(() => server.Log.Entries.Any(entry => entry.Message.StartsWith("Stopping: 1 ", StringComparison.Ordinal)));
        server.Time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level == LogLevel.Warning);

        server.Time.Advance(TimeSpan.FromTicks(1));
        await Eventually.HoldsAsync(() => server.Log.Entries.Any(entry => entry.Level == LogLevel.Warning));
        await Eventually.CompletesAsync(server.Time, stopping);
        Assert.Equal(1, server.Server.ConnectionCount);
        release.SetResult();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task Whoever_has_not_had_his_turn_at_the_deadline_is_aborted()
    {
        // Nothing else ends them: the clock may be far ahead before anybody has noticed the deadline.
        await using var server = await TestServer.StartAsync(configure: options => (options.CloseTimeout, options.KeepAliveInterval) = (Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        var clients = new List<WireClient>();
        for (var count = 0; count < 100; count++)
            clients.Add(await server.OpenAsync());

        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(500), server.Time);
        var stopping = server.Server.StopAsync(new DrainOptions { Window = TimeSpan.FromMinutes(1) }, deadline.Token);
        await Eventually.CompletesAsync(server.Time, stopping);

        Assert.Equal(0, server.Server.ConnectionCount);
        var aborted = Assert.Single(server.Log.AboveDebug, entry => entry.StartsWith("Warning: Stopping: ", StringComparison.Ordinal));
        Assert.Contains("had not ended at the deadline", aborted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_that_hangs_is_answered_and_bounded_by_the_close_timeout()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync());
        using var probe = metrics;
        await using var disposing = server;
        await using var hanging = server.Connect();
        await hanging.SendAsync("GET /ec");
        await hanging.WaitUntilServerWaitsAsync();

        var stopping = server.Server.StopAsync(Restart with { Window = TimeSpan.FromMinutes(1) });

        Assert.StartsWith("HTTP/1.1 503 ", await hanging.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(1, probe["rawws.refusals draining"]);
        await Eventually.CompletesAsync(server.Time, stopping);
        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Theory]
    [InlineData(10, 60)]
    [InlineData(60, 10)]
    public async Task Of_several_stops_the_first_says_how_and_the_earliest_deadline_counts(int firstTimeout, int secondTimeout)
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async (_, _) => await release.Task);
        await using var client = await server.OpenAsync();

        var first = server.Server.StopAsync(Restart with { Timeout = TimeSpan.FromSeconds(firstTimeout) });
        Assert.Equal((1012, "back soon"), Code(await client.ReadFrameAsync()));
        var second = server.Server.StopAsync(new DrainOptions { Timeout = TimeSpan.FromSeconds(secondTimeout) });
        var third = server.Server.StopAsync();

        client.Abort();
        server.Time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level == LogLevel.Warning);
        server.Time.Advance(TimeSpan.FromTicks(1));
        await Eventually.HoldsAsync(() => server.Log.Entries.Any(entry => entry.Level == LogLevel.Warning));
        await Eventually.CompletesAsync(server.Time, Task.WhenAll(first, second, third));
        release.SetResult();
    }

    [Fact]
    public async Task Whoever_comes_after_the_end_is_told_so()
    {
        await using var server = await TestServer.StartAsync();
        await server.Server.StopAsync();
        var (ours, theirs) = InMemoryConnection.CreatePair();
        var serving = server.Server.ServeAsync(ours);
        var client = WireClient.Over(theirs);
        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        client.EndSending();
        await serving.WaitAsync(LongestWait);
    }

    [Theory]
    [InlineData(1001, true)]
    [InlineData(1012, true)]
    [InlineData(1013, true)]
    [InlineData(3000, true)]
    [InlineData(4999, true)]
    [InlineData(0, false)]
    [InlineData(1000, false)]
    [InlineData(1002, false)]
    [InlineData(1005, false)]
    [InlineData(1006, false)]
    [InlineData(1011, false)]
    [InlineData(1015, false)]
    [InlineData(2999, false)]
    [InlineData(5000, false)]
    public void A_code_says_that_the_server_stops_or_what_the_application_likes(int code, bool isAllowed)
    {
        if (isAllowed)
            Assert.Equal((CloseCode)code, new DrainOptions { CloseCode = (CloseCode)code }.CloseCode);
        else
            Assert.Throws<ArgumentException>("CloseCode", () => new DrainOptions { CloseCode = (CloseCode)code });
    }

    [Fact]
    public async Task Its_options_have_ranges()
    {
        Assert.Equal((CloseCode.GoingAway, "the server is stopping", TimeSpan.Zero, Timeout.InfiniteTimeSpan),
            (new DrainOptions().CloseCode, new DrainOptions().Reason, new DrainOptions().Window, new DrainOptions().Timeout));
        Assert.Throws<ArgumentException>(() => new DrainOptions { Reason = new string('x', 124) });
        Assert.Throws<ArgumentNullException>(() => new DrainOptions { Reason = null! });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DrainOptions { Window = TimeSpan.FromTicks(-1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DrainOptions { Window = Timeout.InfiniteTimeSpan });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DrainOptions { Window = TimeSpan.MaxValue });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DrainOptions { Timeout = TimeSpan.FromMilliseconds(-2) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DrainOptions { Timeout = TimeSpan.MaxValue });
        Assert.Equal(TimeSpan.Zero, new DrainOptions { Timeout = TimeSpan.Zero }.Timeout);
        await using var server = new WebSocketServer(new());
        await Assert.ThrowsAsync<ArgumentNullException>(() => server.StopAsync(null!));
    }

    private static (int Code, string Reason) Code(WireFrame frame) => (frame.CloseCode, frame.CloseReason);

    private static async Task<WireClient> OpenAsync(WebSocketServer server)
    {
        var (ours, theirs) = InMemoryConnection.CreatePair();
        _ = server.ServeAsync(ours);
        var client = WireClient.Over(theirs);
        await client.OpenAsync();
        return client;
    }
}
