using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Http;

/// <summary>Bodies, as their handlers and their clients see them.</summary>
public sealed class RequestBodyTests
{
    private const string Next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("Content-Length: 5\r\n", "hello", 5L)]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", null)]
    public async Task A_body_is_streamed_as_it_comes(string field, string body, long? length)
    {
        var pieces = new List<string>();
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            Assert.Equal(length, request.BodyLength);
            var piece = new byte[2];
            while (await request.Body.ReadAsync(piece, cancellationToken) is > 0 and var count)
                pieces.Add(Encoding.ASCII.GetString(piece, 0, count));

            return HttpResponse.Text(string.Concat(pieces));
        });
        await using var client = server.Connect();

        await client.SendByteByByteAsync(Encoding.ASCII.GetBytes(Post(field, body)));

        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        Assert.All(pieces, piece => Assert.InRange(piece.Length, 1, 2));
        await client.SendAsync(Next);
        Assert.Equal("next", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_large_body_goes_through_a_small_buffer()
    {
        var total = 0L;
        await using var server = await StartAsync(
            async (request, cancellationToken) =>
            {
                var piece = new byte[1_000];
                while (await request.Body.ReadAsync(piece, cancellationToken) is > 0 and var count)
                    total += count;

                return HttpResponse.Text($"{total}");
            },
            maxBodySize: 10_000_000);
        await using var client = server.Connect();

        await client.SendAsync("POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var count = 0; count < 100; count++)
            await client.SendAsync(Encoding.ASCII.GetBytes("186a0\r\n"), new byte[100_000], "\r\n"u8.ToArray());

        await client.SendAsync("0\r\n\r\n");
        Assert.Equal("10000000", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n", "hello world")]
    [InlineData("Transfer-Encoding: chunked\r\n", "b\r\nhello world\r\n0\r\n\r\n")]
    public async Task Above_its_limit_a_body_is_refused_before_the_handler_or_within(string field, string body)
    {
        var isCalled = false;
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            isCalled = true;
            return HttpResponse.Bytes(await request.ReadBodyAsync(cancellationToken), "text/plain");
        });
        await using var client = server.Connect();

        await client.SendAsync(Post(field, body) + Next);

        var response = await client.ReadResponseAsync();
        Assert.Equal((413, true), (response.Status, response.Closes));
        Assert.True(await client.IsAtEndAsync());
        Assert.Equal(field.StartsWith('T'), isCalled);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task The_client_is_told_to_go_on_when_the_handler_reads_and_not_before()
    {
        var gate = new TaskCompletionSource();
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            await gate.Task;
            return HttpResponse.Bytes(await request.ReadBodyAsync(cancellationToken), "text/plain");
        });
        await using var client = server.Connect();
        await client.SendAsync(Post("Expect: 100-Continue\r\nContent-Length: 5\r\n", ""));

        var head = client.ReadHeadAsync();
        await Task.Yield();
        Assert.False(head.IsCompleted);
        gate.SetResult();
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await head);
        await client.SendAsync("hello" + Next);

        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        Assert.Equal("next", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("Expect: 100-continue\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: 5\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    public async Task A_body_that_nobody_reads_ends_the_connection(string field)
    {
        await using var server = await StartAsync((_, _) => new(HttpResponse.Text("no, thanks")));
        await using var client = server.Connect();

        // What comes instead of a body is a body all the same.
        await client.SendAsync(Post(field, "") + Next);

        var response = await client.ReadResponseAsync();
        Assert.Equal((200, "no, thanks", true), (response.Status, response.Text, response.Closes));
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task A_route_that_takes_bodies_needs_none()
    {
        await using var server = await StartAsync(async (request, cancellationToken) =>
            HttpResponse.Text($"{request.BodyLength} {(await request.ReadBodyAsync(cancellationToken)).Length} {request.Body.ReadByte()}"));
        await using var client = server.Connect();

        await client.SendAsync(Post("Expect: 100-continue\r\n", "") + Next);

        Assert.Equal("0 0 -1", (await client.ReadResponseAsync()).Text);
        Assert.Equal("next", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task The_deadline_of_a_body_is_absolute_and_begins_when_it_is_read()
    {
        var (gate, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            asked.SetResult();
            await gate.Task;
            return HttpResponse.Bytes(await request.ReadBodyAsync(cancellationToken), "text/plain");
        });
        await using var client = server.Connect();
        await client.SendAsync(Post("Content-Length: 10\r\n", ""));
        await asked.Task;

        // The handler's own time is nobody's fault.
        server.Time.Advance(TimeSpan.FromHours(1));
        gate.SetResult();
        for (var second = 0; second < 3; second++)
        {
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(9 * Second);
            await client.SendAsync("x");
        }

        await client.WaitUntilServerWaitsAsync();
        var response = client.ReadResponseAsync();
        server.Time.Advance(2 * Second);
        Assert.False(response.IsCompleted);
        server.Time.Advance(2 * Second);
        Assert.Equal((408, true), ((await response).Status, (await response).Closes));
        Assert.Empty(server.Log.AboveDebug);
    }

    // What comes together with the deadline must not make up for it.
    [Theory]
    [InlineData("Content-Length: 10\r\n", "x")]
    [InlineData("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n")]
    public async Task A_late_body_is_taken_as_far_as_it_has_come_and_not_waited_for(string field, string piece)
    {
        var (gate, begun, count) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            var octet = new byte[1];
            while (await request.Body.ReadAsync(octet, cancellationToken) > 0)
            {
                count++;
                begun.TrySetResult();
                await gate.Task;
            }

            return HttpResponse.Empty();
        });
        await using var client = server.Connect();
        await client.SendAsync(Post(field, piece));
        await begun.Task;

        server.Time.Advance(40 * Second);
        await client.SendAsync(piece);
        await client.SendAsync(piece);
        gate.SetResult();

        Assert.Equal((408, true), ((await client.ReadResponseAsync()).Status, await client.IsAtEndAsync()));
        Assert.Equal(3, count);
        Assert.Empty(server.Log.AboveDebug);
    }

    // Its client has been slow once, and not for ever.
    [Fact]
    public async Task A_request_behind_a_late_body_that_has_come_after_all_has_its_own_time()
    {
        var (gate, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            await request.Body.ReadExactlyAsync(new byte[1], cancellationToken);
            begun.TrySetResult();
            await gate.Task;
            return HttpResponse.Bytes(await request.ReadBodyAsync(cancellationToken), "text/plain");
        });
        await using var client = server.Connect();
        await client.SendAsync(Post("Content-Length: 3\r\n", "x"));
        await begun.Task;
        server.Time.Advance(40 * Second);
        await client.SendAsync("yz");
        gate.SetResult();
        var late = await client.ReadResponseAsync();
        Assert.Equal(("yz", false), (late.Text, late.Closes));

        foreach (var piece in (string[])["POST /body HTTP/1.1\r\n", "Host: a\r\nContent-Length: 3\r\n\r\n", "x", "yz"])
        {
            await client.WaitUntilServerWaitsAsync();
            await client.SendAsync(piece);
        }

        Assert.Equal("yz", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_within_its_body_ends_its_handler_and_is_nobodys_fault(bool isReset)
    {
        var ended = new TaskCompletionSource<Exception?>();
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            var error = await Record.ExceptionAsync(async () => await request.ReadBodyAsync(cancellationToken));
            ended.SetResult(error);
            throw error!;
        });
        await using var client = server.Connect();
        await client.SendAsync(Post("Content-Length: 10\r\n", "hello"));
        await client.WaitUntilServerWaitsAsync();

        if (isReset)
            client.Abort();
        else
            client.EndSending();

        Assert.IsAssignableFrom<IOException>(await ended.Task.WaitAsync(30 * Second));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_handler_may_answer_a_bad_body_itself()
    {
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            await Assert.ThrowsAnyAsync<IOException>(async () => await request.ReadBodyAsync(cancellationToken));
            await Assert.ThrowsAnyAsync<IOException>(async () => await request.ReadBodyAsync(cancellationToken));
            return HttpResponse.Text("sorry");
        });
        await using var client = server.Connect();

        await client.SendAsync(Post("Transfer-Encoding: chunked\r\n", "x\r\n") + Next);

        var response = await client.ReadResponseAsync();
        Assert.Equal(("sorry", true), (response.Text, response.Closes));
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task A_body_ends_with_its_handler_and_has_one_reader()
    {
        var (kept, second) = (new TaskCompletionSource<HttpRequest>(), new TaskCompletionSource<Exception?>());
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            kept.SetResult(request);
            var first = request.Body.ReadExactlyAsync(new byte[5], cancellationToken);
            second.SetResult(await Record.ExceptionAsync(async () => await request.Body.ReadExactlyAsync(new byte[5], cancellationToken)));
            await first;
            return HttpResponse.Empty();
        });
        await using var client = server.Connect();
        await client.SendAsync(Post("Content-Length: 9\r\n", ""));
        Assert.IsType<InvalidOperationException>(await second.Task.WaitAsync(30 * Second));
        await client.SendAsync("hello");

        Assert.Equal(204, (await client.ReadResponseAsync()).Status);
        var late = await kept.Task;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await late.Body.ReadExactlyAsync(new byte[5]));
    }

    [Fact]
    public async Task A_handler_that_returns_while_its_body_is_being_read_costs_the_connection_and_is_reported()
    {
        await using var server = await StartAsync((request, cancellationToken) =>
        {
            _ = request.Body.ReadExactlyAsync(new byte[5], cancellationToken).AsTask();
            return new(HttpResponse.Text("too soon"));
        });
        await using var client = server.Connect();

        await client.SendAsync(Post("Content-Length: 5\r\n", ""));

        await Assert.ThrowsAnyAsync<IOException>(client.ReadToEndAsync);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Single(server.Log.AboveDebug, entry => entry.Contains("could not be sent to its end", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reading_can_be_cancelled_and_gone_on_with()
    {
        var (cancelled, cancel) = (new TaskCompletionSource(), new CancellationTokenSource());
        await using var server = await StartAsync(async (request, cancellationToken) =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await request.ReadBodyAsync(cancel.Token));
            cancelled.SetResult();
            return HttpResponse.Bytes(await request.ReadBodyAsync(cancellationToken), "text/plain");
        });
        await using var client = server.Connect();
        await client.SendAsync(Post("Content-Length: 5\r\n", ""));
        await client.WaitUntilServerWaitsAsync();

        await cancel.CancelAsync();
        await cancelled.Task.WaitAsync(30 * Second);
        await client.SendAsync("hello");

        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        cancel.Dispose();
    }

    private static string Post(string fields, string body) => $"POST /body HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}";

    private static Task<TestServer> StartAsync(Func<HttpRequest, CancellationToken, ValueTask<HttpResponse>> handler, long maxBodySize = 10)
        => TestServer.StartAsync(map: server =>
        {
            server.MapHttp("/body", new HttpRoute(handler) { Methods = ["POST"], MaxBodySize = maxBodySize });
            server.MapGet("/next", (_, _) => new(HttpResponse.Text("next")));
        });
}
