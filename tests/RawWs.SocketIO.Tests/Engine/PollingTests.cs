using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

public sealed class PollingTests
{
    [Fact]
    public async Task A_handshake_says_everything_a_client_has_to_know()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = server.Connect();

        var response = await client.RequestAsync("GET", "EIO=4&transport=polling&t=abc");

        Assert.Matches("""^0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$""", response.Text);
        Assert.Equal((200, "text/plain; charset=UTF-8", "no-store", "118"),
            (response.Status, response.Field("Content-Type"), response.Field("Cache-Control"), response.Field("Content-Length")));
        Assert.Null(response.Field("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("GET", "EIO=4", 0, "Transport unknown")]
    [InlineData("GET", "transport=abc", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=__proto__", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=constructor", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=%zz", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=polling%00", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport[]=polling", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=POLLING", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=abc&sid=zzz", 0, "Transport unknown")]
    [InlineData("GET", "EIO=3&transport=polling&sid=zzz", 1, "Session ID unknown")]
    [InlineData("GET", "EIO=4&transport=websocket&sid=zzz", 1, "Session ID unknown")]
    [InlineData("POST", "EIO=4&transport=websocket", 2, "Bad handshake method")]
    [InlineData("GET", "EIO=04&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=__proto__&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=4&transport=polling&sid=zzz", 1, "Session ID unknown")]
    [InlineData("POST", "EIO=4&transport=polling&sid=zzz", 1, "Session ID unknown")]
    [InlineData("POST", "EIO=4&transport=polling", 2, "Bad handshake method")]
    [InlineData("OPTIONS", "EIO=4&transport=polling", 2, "Bad handshake method")]
    [InlineData("GET", "EIO=4&transport=websocket", 3, "Bad request")]
    [InlineData("GET", "transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=3&transport=polling", 5, "Unsupported protocol version")]
    public async Task A_refusal_has_a_code_and_a_message(string method, string query, int code, string message)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = server.Connect();

        var response = await client.RequestAsync(method, query);

        Assert.Equal((400, "application/json", $$"""{"code":{{code}},"message":"{{message}}"}"""), (response.Status, response.Field("Content-Type"), response.Text));
    }

    [Theory]
    [InlineData("3", "4", "POST", "EIO=4&transport=polling")]
    [InlineData("4", "3", "GET", "transport=polling")]
    [InlineData("4", "3", "POST", "transport=polling")]
    [InlineData("4", "3", "PUT", "EIO=3&transport=polling")]
    public async Task A_request_of_another_protocol_is_refused_and_harms_nobody(string protocol, string named, string method, string query)
    {
        var errors = new List<ConnectionError>();
        await using var server = await SocketIOTestServer.StartAsync(configure: options => (options.AllowEio3, options.OnConnectionError) = (true, errors.Add));
        await using var client = server.Connect(protocol);
        await client.BeginPollingAsync();

        var response = await client.RequestAsync(method, $"{query}&sid={client.Sid}", "40");

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), (response.Status, response.Text));
        var error = Assert.Single(errors);
        Assert.Equal((3, "PROTOCOL_MISMATCH", named, protocol), (error.Code, error.Context["name"], error.Context["protocol"], error.Context["previousProtocol"]));
        Assert.Equal(1, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task A_request_with_an_empty_session_id_begins_a_session()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = server.Connect();

        await client.BeginPollingAsync("&sid=");
        await client.PostAsync("40");
        await client.OpenWebSocketAsync("EIO=4&transport=websocket&sid=");

        Assert.StartsWith("40{", await client.PollAsync(), StringComparison.Ordinal);
        Assert.StartsWith("0{\"sid\":", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal((400, """{"code":2,"message":"Bad handshake method"}"""), Summary(await client.RequestAsync("POST", "EIO=4&transport=polling&sid=")));
    }

    [Theory]
    [InlineData("go away", "go away")]
    [InlineData("", "Forbidden")]
    public async Task The_application_may_refuse(string reason, string message)
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.AllowRequest = (_, _) => new(reason));
        await using var client = server.Connect();

        var response = await client.RequestAsync("GET", "EIO=4&transport=polling");

        Assert.Equal((403, $$"""{"code":4,"message":"{{message}}"}"""), (response.Status, response.Text));
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task Packets_come_and_go_in_batches_binary_ones_as_base64()
    {
        await using var server = await SocketIOTestServer.StartAsync(Echo);
        await using var client = await server.OpenPollingAsync();

        await client.PostAsync("40");
        Assert.StartsWith("40{\"sid\":", await client.PollAsync(), StringComparison.Ordinal);
        await client.PostAsync("42[\"a\",\"é\"]\u001e451-[\"b\",{\"_placeholder\":true,\"num\":0}]\u001ebAQIDBA==\u001e42[\"c\"]");

        Assert.Equal("42[\"a\",\"é\"]\u001e451-[\"b\",{\"_placeholder\":true,\"num\":0}]\u001ebAQIDBA==\u001e42[\"c\"]", await client.PollAsync());
    }

    [Fact]
    public async Task Binary_packets_may_come_as_base64_in_lines()
    {
        const string Event = "451-[\"a\",{\"_placeholder\":true,\"num\":0}]";
        await using var server = await SocketIOTestServer.StartAsync(Echo);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        var bytes = Enumerable.Range(0, 200).Select(number => (byte)number).ToArray();

        await client.PostAsync($"{Event}\u001e{EngineClient.AndroidBase64Of(bytes)}\u001e42[\"b\"]");

        Assert.Equal($"{Event}\u001eb{Convert.ToBase64String(bytes)}\u001e42[\"b\"]", await client.PollAsync());
    }

    [Fact]
    public async Task A_poll_is_held_until_there_is_something_to_say()
    {
        await using var server = await SocketIOTestServer.StartAsync(Echo);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();

        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();
        await client.PostAsync("42[\"a\"]");

        var response = await poll.ReadResponseAsync();
        Assert.Equal((200, "42[\"a\"]"), (response.Status, response.Text));
    }

    [Fact]
    public async Task Two_polls_at_once_cost_the_session_its_life()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        var first = await client.BeginPollAsync();
        await first.WaitUntilServerWaitsAsync();

        var second = await client.RequestAsync("GET", client.SessionQuery);

        Assert.Equal((400, ""), (second.Status, second.Text));
        Assert.Equal("1", (await first.ReadResponseAsync()).Text);
        Assert.Contains("\"code\":1", (await client.RequestAsync("GET", client.SessionQuery)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_posts_at_once_cost_the_session_its_life()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        var first = await client.SendAsync("POST", client.SessionQuery, headers: "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\nX-", body: "");
        Assert.StartsWith("HTTP/1.1 100 ", await first.ReadHeadAsync(), StringComparison.Ordinal);

        var second = await client.RequestAsync("POST", client.SessionQuery, "2");

        Assert.Equal((400, ""), (second.Status, second.Text));
        Assert.Contains("\"code\":1", (await client.RequestAsync("GET", client.SessionQuery)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_waits_for_the_packets_of_the_one_before()
    {
        var (release, seen) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new List<int>());
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.On("n", async (int number) =>
            {
                await release.Task;
                seen.Add(number);
            })),
            options => options.MaxPendingEventCount = 1);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        var first = await client.SendAsync("POST", client.SessionQuery, "42[\"n\",1]\u001e42[\"n\",2]\u001e42[\"n\",3]");
        await first.WaitUntilServerWaitsAsync();
        var second = await client.SendAsync("POST", client.SessionQuery, "42[\"n\",4]");
        await second.WaitUntilServerWaitsAsync();

        release.SetResult();
        Assert.Equal(["ok", "ok"], [(await first.ReadResponseAsync()).Text, (await second.ReadResponseAsync()).Text]);
        await Eventually.HoldsAsync(() => seen.Count == 4);
        Assert.Equal([1, 2, 3, 4], seen);
    }

    [Fact]
    public async Task A_third_post_costs_the_session_its_life()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("n", (int _) => release.Task)), options => options.MaxPendingEventCount = 1);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        var first = await client.SendAsync("POST", client.SessionQuery, "42[\"n\",1]\u001e42[\"n\",2]\u001e42[\"n\",3]");
        await first.WaitUntilServerWaitsAsync();
        var second = await client.SendAsync("POST", client.SessionQuery, "42[\"n\",4]");
        await second.WaitUntilServerWaitsAsync();

        var third = await client.SendAsync("POST", client.SessionQuery, "42[\"n\",5]");
        var response = await third.ReadResponseAsync();
        release.SetResult();

        Assert.Equal(400, response.Status);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("4a\u001e")]
    [InlineData("b###")]
    public async Task A_body_that_is_no_packets_ends_the_session(string body)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();

        Assert.Equal(400, (await client.RequestAsync("POST", client.SessionQuery, body)).Status);
        Assert.Equal(400, (await client.RequestAsync("GET", client.SessionQuery)).Status);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task A_body_that_is_too_large_costs_nothing_but_itself()
    {
        await using var server = await SocketIOTestServer.StartAsync(Echo, options => options.MaxPayload = 20);
        await using var client = await server.OpenPollingAsync();

        Assert.Equal(413, (await client.RequestAsync("POST", client.SessionQuery, "42[\"a\",\"ééééééé\"]")).Status);
        await client.PostAsync("40");

        Assert.StartsWith("40{", await client.PollAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_drops_its_poll_or_its_post_is_gone()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var first = await server.OpenPollingAsync();
        await using var second = await server.OpenPollingAsync();
        var poll = await first.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();
        poll.Abort();
        var post = server.Connect();
        var connection = await post.SendAsync("GET", "EIO=4");
        await connection.ReadResponseAsync();
        await connection.SendAsync($"POST /socket.io/?{second.SessionQuery} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n42[");
        connection.Abort();

        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0);
        await post.DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_says_goodbye_has_its_poll_answered_and_the_rest_ignored()
    {
        await using var server = await SocketIOTestServer.StartAsync(Echo);
        await using var client = await server.OpenPollingAsync();
        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();

        await client.PostAsync("1\u001e40");

        Assert.Equal("6", (await poll.ReadResponseAsync()).Text);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("2probe")]
    public async Task Only_the_server_pings(string packet)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();

        await client.RequestAsync("POST", client.SessionQuery, packet);

        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData("POST", "Content-Type: application/octet-stream\r\n", 400, 0)]
    [InlineData("PUT", "", 500, 1)]
    [InlineData("DELETE", "", 500, 1)]
    public async Task What_polling_does_not_know_is_refused(string method, string headers, int status, int sessionCount)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();

        var response = await client.RequestAsync(method, client.SessionQuery, "40", headers);

        Assert.Equal((status, "", sessionCount), (response.Status, response.Text, server.IO.ConnectionCount));
    }

    [Fact]
    public async Task What_waits_for_a_client_that_does_not_poll_has_a_limit()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxQueueCount = 10);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();

        for (var count = 0; count < 10; count++)
            await server.IO.EmitAsync("news", count);

        Assert.Equal(1, server.IO.ConnectionCount);
        await server.IO.EmitAsync("news", 10);
        Assert.Equal(0, server.IO.ConnectionCount);
        await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 0);
    }

    [Fact]
    public async Task Sessions_that_nothing_carries_have_a_limit()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxDetachedSessionCount = 2);
        await using var first = await server.OpenPollingAsync();
        await using var second = await server.OpenPollingAsync();
        await using var third = server.Connect();
        var refused = await third.RequestAsync("GET", "EIO=4&transport=polling");
        var poll = await first.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();

        Assert.Equal((503, "5"), (refused.Status, refused.Field("Retry-After")));
        await third.BeginPollingAsync();
        Assert.Equal(3, server.IO.ConnectionCount);
    }

    private static (int Status, string Text) Summary(WireResponse response) => (response.Status, response.Text);

    private static void Echo(SocketIOServer io)
        => io.OnConnection(socket => socket.OnAny(received => socket.EmitAsync(received.Name, [.. received.Values])));
}
