using System.Net;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Http;

/// <summary>What handlers answer, and what becomes of it.</summary>
public sealed class ResponseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_stream_of_known_length_is_sent_in_pieces_and_disposed()
    {
        var source = new SourceStream(length: 300_000);
        await using var server = await StartAsync(() => HttpResponse.Streamed(source, "application/octet-stream", 300_000));
        await using var client = server.Connect();

        await client.SendAsync(Get);

        var response = await client.ReadResponseAsync();
        Assert.Equal(SourceStream.BytesOf(300_000), response.Content);
        Assert.Equal("300000", response.Field("Content-Length"));
        Assert.True(source.IsDisposed);
        Assert.False(response.Closes);
    }

    [Fact]
    public async Task A_stream_of_unknown_length_comes_in_chunks_and_the_connection_goes_on()
    {
        await using var server = await StartAsync(() => HttpResponse.Streamed(new SourceStream(length: 200_000), "application/octet-stream"));
        await using var client = server.Connect();

        await client.SendAsync(Get + Get);

        for (var count = 0; count < 2; count++)
        {
            var response = await client.ReadResponseAsync();
            Assert.Equal(SourceStream.BytesOf(200_000), response.Content);
            Assert.Equal("chunked", response.Field("Transfer-Encoding"));
            Assert.Null(response.Field("Content-Length"));
        }
    }

    [Fact]
    public async Task HTTP_1_0_gets_a_stream_of_unknown_length_up_to_the_end_of_the_connection()
    {
        await using var server = await StartAsync(() => HttpResponse.Streamed(new SourceStream(length: 200_000), "application/octet-stream"));
        await using var client = server.Connect();

        await client.SendAsync("GET / HTTP/1.0\r\n\r\n");

        var response = await client.ReadResponseAsync();
        Assert.Equal(SourceStream.BytesOf(200_000), response.Content);
        Assert.True(response.Closes);
        Assert.Null(response.Field("Transfer-Encoding"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100L)]
    public async Task HEAD_reads_nothing_of_a_stream_and_disposes_it(long? length)
    {
        var source = new SourceStream(length: 100);
        await using var server = await StartAsync(() => HttpResponse.Streamed(source, "text/plain", length));
        await using var client = server.Connect();

        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(length?.ToString(System.Globalization.CultureInfo.InvariantCulture), (await client.ReadResponseAsync(isHead: true)).Field("Content-Length"));
        await Eventually.HoldsAsync(() => source.IsDisposed);
        Assert.Equal(0, source.Position);
    }

    // What a client does not take is not read, however much there is of it.
    [Fact]
    public async Task A_stream_is_read_as_fast_as_the_client_reads_and_ends_with_its_write_timeout()
    {
        var source = new SourceStream(length: long.MaxValue);
        await using var server = await StartAsync(() => HttpResponse.Streamed(source, "application/octet-stream", long.MaxValue));
        await using var client = server.Connect(capacity: 100_000);

        await client.SendAsync(Get);
        await client.ReadHeadAsync();
        await client.ReadBytesAsync(1_000_000);
        await Eventually.HoldsAsync(() => source.Position >= 1_000_000);
        server.Time.Advance(29 * Second);
        Assert.InRange(source.Position, 1_000_000, 1_200_000);
        Assert.Equal(1, server.Server.ConnectionCount);

        await Eventually.CompletesAsync(server.Time, Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0));
        Assert.True(source.IsDisposed);
        Assert.InRange(source.Position, 1_000_000, 1_200_000);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task HTTP_1_0_is_told_at_once_that_a_stream_will_come()
    {
        var source = new SourceStream(length: 0, end: new TaskCompletionSource().Task);
        await using var server = await StartAsync(() => HttpResponse.Streamed(source, "text/event-stream"));
        await using var client = server.Connect();

        await client.SendAsync("GET / HTTP/1.0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync().WaitAsync(30 * Second), StringComparison.Ordinal);
    }

    // As fast as it is, it takes longer than the network may refuse to take anything.
    [Fact]
    public async Task A_client_that_reads_slowly_gets_all_of_a_large_content()
    {
        var content = SourceStream.BytesOf(1_000_000);
        await using var server = await StartAsync(() => HttpResponse.Bytes(content, "application/octet-stream"));
        await using var client = server.Connect(capacity: 100_000);
        await client.SendAsync(Get);
        await client.ReadHeadAsync();

        var received = new List<byte>();
        while (received.Count < content.Length)
        {
            received.AddRange(await client.ReadBytesAsync(50_000));
            server.Time.Advance(3 * Second);
        }

        Assert.Equal(content, received);
        Assert.Equal(1, server.Server.ConnectionCount);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(true, 200_000L)]
    [InlineData(false, 200_000L)]
    public async Task A_part_is_never_taken_for_the_whole(bool throws, long? length)
    {
        var source = new SourceStream(length: 100_000, throws ? new InvalidDataException("of its own") : null);
        await using var server = await StartAsync(() => HttpResponse.Streamed(source, "application/octet-stream", length));
        await using var client = server.Connect(capacity: 1_000_000);

        // It may be cut before the client knows that its request has been taken.
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await client.SendAsync(Get);
            await client.ReadToEndAsync();
        });
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.True(source.IsDisposed);
        Assert.Single(server.Log.AboveDebug, entry => entry.Contains("could not be sent to its end", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_fails_when_it_is_disposed_has_been_sent_and_is_reported()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => StartAsync(() => HttpResponse.Streamed(new UndisposableStream(), "application/octet-stream", 3)));
        using var _ = metrics;
        await using var __ = server;
        await using var client = server.Connect();

        await client.SendAsync(Get + Get);

        for (var count = 0; count < 2; count++)
            Assert.Equal(new byte[3], (await client.ReadResponseAsync()).Content);
        await Eventually.HoldsAsync(() => server.Log.AboveDebug.Count() == 2);
        Assert.All(server.Log.AboveDebug, entry => Assert.Contains("the handler of / failed", entry, StringComparison.Ordinal));
        Assert.Equal(2, metrics["rawws.session.errors"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_without_an_end_ends_when_its_client_goes(bool isReset)
    {
        var source = new SourceStream(length: 10, end: new TaskCompletionSource().Task);
        await using var server = await StartAsync(() => HttpResponse.Streamed(source, "text/event-stream"));
        await using var client = server.Connect();
        await client.SendAsync(Get);
        await client.ReadHeadAsync();
        await client.ReadBytesAsync("000a\r\n".Length + 10);

        if (isReset)
            client.Abort();
        else
            client.EndSending();

        await Eventually.HoldsAsync(() => source.IsDisposed && server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_fails_is_answered_with_500_and_told_to_nobody_but_the_log(bool isLater)
    {
        await using var server = await TestServer.StartAsync(map: server => server.MapGet("/", async (_, _) =>
        {
            if (isLater)
                await Task.Yield();

            throw new InvalidOperationException("a secret");
        }));
        await using var client = server.Connect();

        await client.SendAsync(Get);

        var response = await client.ReadResponseAsync();
        Assert.Equal((500, "internal error", true), (response.Status, response.Text, response.Closes));
        Assert.Single(server.Log.AboveDebug, entry => entry.Contains("the handler of / failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_status_of_the_applications_leaves_the_connection_open()
    {
        await using var server = await StartAsync(() => HttpResponse.Text("not yet", status: HttpStatusCode.ServiceUnavailable));
        await using var client = server.Connect();

        await client.SendAsync(Get + Get);

        Assert.Equal("HTTP/1.1 503 Service Unavailable", (await client.ReadResponseAsync()).Head.Split("\r\n")[0]);
        Assert.Equal(503, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData(HttpStatusCode.NoContent, false)]
    [InlineData(HttpStatusCode.NotModified, false)]
    [InlineData(HttpStatusCode.ResetContent, true)]
    [InlineData(HttpStatusCode.NotFound, true)]
    public async Task A_response_without_content_says_so_where_it_may(HttpStatusCode status, bool hasLength)
    {
        await using var server = await StartAsync(() => HttpResponse.Empty(status));
        await using var client = server.Connect();

        await client.SendAsync(Get + Get);

        var response = await client.ReadResponseAsync();
        Assert.Equal(((int)status, hasLength ? "0" : null), ((int)status, response.Field("Content-Length")));
        Assert.Equal((int)status, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public void What_must_not_be_sent_can_not_be_made()
    {
        Assert.Throws<ArgumentException>("contentType", () => HttpResponse.Text("", "text/plain\r\nX: y"));
        Assert.Throws<ArgumentException>("contentType", () => HttpResponse.Text("", ""));
        Assert.Throws<ArgumentException>("status", () => HttpResponse.Text("", status: HttpStatusCode.NoContent));
        Assert.Throws<ArgumentException>("status", () => HttpResponse.Bytes(default, "text/plain", HttpStatusCode.NotModified));
        Assert.Throws<ArgumentOutOfRangeException>("status", () => HttpResponse.Empty(HttpStatusCode.SwitchingProtocols));
        Assert.Throws<ArgumentOutOfRangeException>("status", () => HttpResponse.Empty((HttpStatusCode)600));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => HttpResponse.Streamed(Stream.Null, "text/plain", -1));
        foreach (var name in new[] { "X\r\n", "X:", "", "X Y", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade" })
            Assert.Throws<ArgumentException>("name", () => new ResponseHeaders { { name, "a" } });

        foreach (var value in new[] { "a\r\nb", "a\n", "\0", "\u00e9" })
            Assert.Throws<ArgumentException>("value", () => new ResponseHeaders { { "X", value } });
    }

    [Fact]
    public void A_route_has_methods_that_are_methods()
    {
        Assert.Equal(["GET", "HEAD"], new HttpRoute(Nothing).Methods);
        Assert.Equal(["POST"], new HttpRoute(Nothing) { Methods = ["POST"] }.Methods);
        Assert.Equal(["POST", "GET", "HEAD"], new HttpRoute(Nothing) { Methods = ["POST", "GET", "POST"] }.Methods);
        foreach (var bad in new string[][] { [], ["G T"], [""], ["CONNECT"], ["TRACE"], ["GET\r\n"] })
            Assert.Throws<ArgumentException>("Methods", () => new HttpRoute(Nothing) { Methods = bad });

        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpRoute(Nothing) { MaxBodySize = -1 });

        static ValueTask<HttpResponse> Nothing(HttpRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    [Fact]
    public async Task A_request_shows_what_was_sent()
    {
        var seen = new TaskCompletionSource<HttpRequest>();
        await using var server = await TestServer.StartAsync(map: server => server.MapGet("/a/*", (request, _) =>
        {
            seen.SetResult(request);
            return new(HttpResponse.Empty());
        }));
        await using var client = server.Connect();

        await client.SendAsync("GET /a/%c3%a9?q=1+2&r=%41 HTTP/1.1\r\nHost: b:80\r\nX-A: 1\r\nx-a: 2\r\nCookie: c=\"d\"\r\nOrigin: null\r\n\r\n");
        var request = await seen.Task.WaitAsync(30 * Second);

        Assert.Equal(("GET", "/a/\u00e9", "q=1+2&r=%41", "b:80", "null"), (request.Method, request.Path, request.Query, request.Host, request.Origin));
        Assert.Equal(("1", "d", "1 2", "A", null), (request.GetHeader("X-a"), request.GetCookie("c"), request.GetQueryValue("q"), request.GetQueryValue("r"), request.GetHeader("Y")));
        Assert.Equal(5, request.Headers.Count);
        Assert.Equal(InMemoryConnection.ClientEndPoint, request.RemoteEndPoint);
        Assert.Equal(0, request.BodyLength);
    }

    private sealed class UndisposableStream() : MemoryStream(new byte[3])
    {
        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            throw new InvalidOperationException("not now");
        }
    }

    private static Task<TestServer> StartAsync(Func<HttpResponse> respond) => TestServer.StartAsync(map: server => server.MapGet("/", (_, _) => new(respond())));
}
