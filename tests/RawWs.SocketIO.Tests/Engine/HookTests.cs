using System.IO.Compression;

namespace RawWs.SocketIO.Tests.Engine;

/// <summary>What an application may say about requests: their headers, their transports, who is refused.</summary>
public sealed class HookTests
{
    [Fact]
    public async Task No_cookie_is_set_unless_one_is_wanted()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = server.Connect();

        Assert.Null((await client.RequestAsync("GET", "EIO=4&transport=polling")).Field("Set-Cookie"));
    }

    [Fact]
    public async Task A_cookie_has_the_id_and_is_set_once()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Cookie = new SessionCookie());
        await using var client = server.Connect();

        var open = await client.RequestAsync("GET", "EIO=4&transport=polling");
        client.TakeSid(open.Text);

        Assert.Equal($"io={client.Sid}; Path=/; HttpOnly; SameSite=Lax", open.Field("Set-Cookie"));
        Assert.Null((await client.RequestAsync("POST", client.SessionQuery, "40")).Field("Set-Cookie"));
        Assert.Null((await client.RequestAsync("GET", client.SessionQuery)).Field("Set-Cookie"));
        await client.OpenWebSocketAsync();
    }

    [Fact]
    public async Task A_cookie_has_the_attributes_that_are_wanted()
    {
        var cookie = new SessionCookie
        {
            Name = "sticky",
            Path = null,
            Domain = "example.com",
            MaxAge = TimeSpan.FromMinutes(2),
            HttpOnly = false,
            Secure = true,
            SameSite = null,
        };
        await using var server = await SocketIOTestServer.StartAsync(configure: options => (options.Cookie, options.GenerateId) = (cookie, (_, _) => new("a b;é")));
        await using var client = server.Connect();

        Assert.Equal("sticky=a%20b%3B%C3%A9; Max-Age=120; Domain=example.com; Secure", (await client.RequestAsync("GET", "EIO=4&transport=polling")).Field("Set-Cookie"));
    }

    [Fact]
    public void A_cookie_that_would_be_two_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new SessionCookie { Name = "a=b" });
        Assert.Throws<ArgumentException>(() => new SessionCookie { Path = "/; Secure" });
        Assert.Throws<ArgumentException>(() => new SessionCookie { SameSite = "Lax\r\nX: y" });
    }

    [Fact]
    public async Task Headers_are_added_or_replaced_at_first_and_always()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options =>
        {
            options.Cookie = new SessionCookie();
            options.OnInitialHeaders = (headers, request) =>
            {
                headers.Add("Set-Cookie", "a=1");
                headers.Add("Set-Cookie", "b=2");
                headers.Add("X-First", request.GetQueryValue("x") ?? "");
            };
            options.OnHeaders = (headers, _) =>
            {
                headers.Add("cache-control", "private");
                headers.Add("X-Always", "1");
            };
        });
        await using var client = server.Connect();

        var open = await client.RequestAsync("GET", "EIO=4&transport=polling&x=7");
        client.TakeSid(open.Text);
        var post = await client.RequestAsync("POST", client.SessionQuery, "40");
        var poll = await client.RequestAsync("GET", client.SessionQuery);
        var refusal = await client.RequestAsync("GET", "EIO=4&transport=x");

        Assert.Equal(("7", "1", "private"), (open.Field("X-First"), open.Field("X-Always"), open.Field("Cache-Control")));
        Assert.Equal([$"io={client.Sid}; Path=/; HttpOnly; SameSite=Lax", "a=1", "b=2"], open.Head.Split("\r\n").Where(line => line.StartsWith("Set-Cookie: ", StringComparison.Ordinal)).Select(line => line[12..]));
        Assert.All(new[] { post, poll }, response => Assert.Equal((200, null, "1", "private"), (response.Status, response.Field("X-First"), response.Field("X-Always"), response.Field("Cache-Control"))));
        Assert.Equal((400, null), (refusal.Status, refusal.Field("X-Always")));
    }

    [Theory]
    [InlineData("EIO=4&transport=websocket", true)]
    [InlineData(null, false)]
    public async Task Headers_are_added_to_an_opening_handshake_too(string? query, bool isFirst)
    {
        var calls = new List<string>();
        await using var server = await SocketIOTestServer.StartAsync(configure: options =>
        {
            options.OnInitialHeaders = (_, request) => calls.Add("first " + request.GetQueryValue("transport"));
            options.OnHeaders = (headers, request) => calls.Add("always " + request.GetQueryValue("transport"));
        });
        await using var client = isFirst ? server.Connect() : await server.OpenPollingAsync();

        await client.OpenWebSocketAsync(query ?? $"EIO=4&transport=websocket&sid={client.Sid}");

        Assert.Equal(isFirst ? ["first websocket", "always websocket"] : ["first polling", "always polling", "always websocket"], calls);
    }

    [Fact]
    public async Task A_hook_that_fails_leaves_no_session_behind()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.OnHeaders = (_, _) => throw new InvalidOperationException("as it happens"));
        await using var client = server.Connect();

        Assert.Equal(500, (await client.RequestAsync("GET", "EIO=4&transport=polling")).Status);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("identity", null)]
    public async Task A_large_poll_is_compressed_for_those_who_take_it(string accepted, string? coding)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        var text = new string('x', 1_024 - "42[\"e\",\"\"]".Length);

        await server.IO.EmitAsync("e", text[1..]);
        Assert.Null((await client.RequestAsync("GET", client.SessionQuery, headers: $"Accept-Encoding: {accepted}\r\n")).Field("Content-Encoding"));
        await server.IO.EmitAsync("e", text);
        var response = await client.RequestAsync("GET", client.SessionQuery, headers: $"Accept-Encoding: {accepted}\r\n");

        Assert.Equal((200, coding, "text/plain; charset=UTF-8"), (response.Status, response.Field("Content-Encoding"), response.Field("Content-Type")));
        Assert.Equal($"42[\"e\",\"{text}\"]", Decode(response.Content, coding));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(1_024, false)]
    public async Task Nothing_is_compressed_where_it_is_switched_off(int? threshold, bool isCompressible)
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.HttpCompressionThreshold = threshold);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        await server.IO.Everybody.Compress(isCompressible).EmitAsync("e", new string('x', 5_000));

        Assert.Null((await client.RequestAsync("GET", client.SessionQuery, headers: "Accept-Encoding: gzip\r\n")).Field("Content-Encoding"));
    }

    [Theory]
    [InlineData(SocketIOTransports.All, false, "[]")]
    [InlineData(SocketIOTransports.Polling, true, "[]")]
    [InlineData(SocketIOTransports.All, true, "[\"websocket\"]")]
    public async Task Only_what_is_allowed_is_offered(SocketIOTransports transports, bool allowUpgrades, string upgrades)
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => (options.Transports, options.AllowUpgrades) = (transports, allowUpgrades));
        await using var client = server.Connect();

        Assert.Contains($"\"upgrades\":{upgrades},", (await client.RequestAsync("GET", "EIO=4&transport=polling")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketIOTransports.Polling, "websocket")]
    [InlineData(SocketIOTransports.WebSocket, "polling")]
    public async Task A_transport_that_is_switched_off_is_unknown(SocketIOTransports transports, string name)
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Transports = transports);
        await using var client = server.Connect();

        Assert.Equal("""{"code":0,"message":"Transport unknown"}""", (await client.RequestAsync("GET", "EIO=4&transport=" + name)).Text);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SocketIOServerOptions { Transports = SocketIOTransports.None });
    }

    [Fact]
    public async Task A_WebSocket_is_refused_to_a_session_that_may_not_change()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.AllowUpgrades = false);
        await using var client = await server.OpenPollingAsync();

        var response = await client.GetAsync($"/socket.io/?EIO=4&transport=websocket&sid={client.Sid}",
            EngineClient.UpgradeHeaders);

        Assert.Equal((400, "Bad request"), (response.Status, response.Text));
        await client.PostAsync("40");
    }

    [Theory]
    [InlineData("GET", "EIO=4", 0, "transport=")]
    [InlineData("GET", "EIO=4&transport=polling&sid=zzz", 1, "sid=zzz")]
    [InlineData("POST", "EIO=4&transport=polling", 2, "method=POST")]
    [InlineData("GET", "EIO=4&transport=websocket", 3, "name=TRANSPORT_HANDSHAKE_ERROR")]
    [InlineData("GET", "EIO=4&transport=polling&x=1", 4, "message=no")]
    [InlineData("GET", "EIO=3&transport=polling", 5, "protocol=3")]
    public async Task Every_refusal_is_told(string method, string query, int code, string context)
    {
        var errors = new List<ConnectionError>();
        await using var server = await SocketIOTestServer.StartAsync(configure: options =>
        {
            options.AllowRequest = (request, _) => new(request.GetQueryValue("x") is null ? null : "no");
            options.OnConnectionError = errors.Add;
        });
        await using var client = server.Connect();

        await client.RequestAsync(method, query);

        var error = Assert.Single(errors);
        Assert.Equal((code, query, context), (error.Code, error.Request.Query, string.Join(' ', error.Context.Select(pair => $"{pair.Key}={pair.Value}"))));
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task That_there_are_too_many_clients_is_told_too(string transport)
    {
        var errors = new List<ConnectionError>();
        await using var server = await SocketIOTestServer.StartAsync(configure: options => (options.MaxSessionCount, options.OnConnectionError) = (1, errors.Add));
        await using var first = await server.OpenPollingAsync();
        await using var second = server.Connect();

        var response = await second.GetAsync($"/socket.io/?EIO=4&transport={transport}", transport == "polling" ? "" : EngineClient.UpgradeHeaders);

        Assert.Equal((503, "there are too many clients"), (response.Status, response.Text));
        var error = Assert.Single(errors);
        Assert.Equal((6, "there are too many clients", transport), (error.Code, error.Message, error.Request.GetQueryValue("transport")));
    }

    [Fact]
    public async Task Who_may_come_in_is_asked_for_either_transport_and_before_the_protocol_is_looked_at()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.AllowRequest = (_, _) => new("no"));
        await using var client = server.Connect();

        var polling = await client.GetAsync("/socket.io/?EIO=3&transport=polling");
        var webSocket = await client.GetAsync("/socket.io/?EIO=3&transport=websocket", EngineClient.UpgradeHeaders);

        Assert.Equal((403, """{"code":4,"message":"no"}"""), (polling.Status, polling.Text));
        Assert.Equal((400, "no"), (webSocket.Status, webSocket.Text));
    }

    [Fact]
    public async Task A_poll_of_a_session_that_has_changed_is_told_as_a_mismatch()
    {
        var errors = new List<ConnectionError>();
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.OnConnectionError = errors.Add);
        await using var client = await server.OpenPollingAsync();
        await client.OpenUpgradeAsync();
        await client.SendAsync("5");
        await client.SendAsync("40");
        await client.ReadAsync();

        await client.RequestAsync("GET", client.SessionQuery);

        Assert.Equal((3, "TRANSPORT_MISMATCH", "websocket"), (errors[0].Code, errors[0].Context["name"], errors[0].Context["previousTransport"]));
    }

    [Fact]
    public async Task Ids_are_the_applications_if_it_makes_them()
    {
        var ids = new Queue<string>(["first", "first", "", "second"]);
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.GenerateId = (_, _) => new(ids.Dequeue()));
        await using var first = await server.OpenPollingAsync();
        await using var other = server.Connect();

        Assert.Equal("first", first.Sid);
        for (var count = 0; count < 2; count++)
            Assert.Equal("""{"code":3,"message":"Bad request"}""", (await other.RequestAsync("GET", "EIO=4&transport=polling")).Text);

        await other.OpenWebSocketAsync();
        Assert.StartsWith("0{\"sid\":\"second\"", await other.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(2, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task An_id_that_can_not_be_made_is_a_bad_request()
    {
        var errors = new List<ConnectionError>();
        await using var server = await SocketIOTestServer.StartAsync(configure: options =>
        {
            options.GenerateId = (_, _) => throw new InvalidOperationException("no more ids");
            options.OnConnectionError = errors.Add;
        });
        await using var client = server.Connect();

        Assert.Equal("""{"code":3,"message":"Bad request"}""", (await client.RequestAsync("GET", "EIO=4&transport=polling")).Text);
        Assert.Equal(("ID_GENERATION_ERROR", "no more ids"), (errors[0].Context["name"], errors[0].Context["error"]));
        Assert.Contains(server.Log.AboveDebug, record => record.Contains("GenerateId", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_initial_packet_follows_the_first_on_either_transport()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.InitialPacket = "2[\"hello\"]");
        await using var polling = server.Connect();
        await using var webSocket = await server.OpenWebSocketAsync();

        Assert.EndsWith("}\u001e42[\"hello\"]", (await polling.RequestAsync("GET", "EIO=4&transport=polling")).Text, StringComparison.Ordinal);
        Assert.Equal("42[\"hello\"]", await webSocket.ReadAsync());
    }

    [Theory]
    [InlineData("Mozilla/4.0 (compatible;MSIE 8.0)", "0")]
    [InlineData("Mozilla/5.0 (Trident/7.0; rv:11.0)", "0")]
    [InlineData("Mozilla/5.0 (X11; Linux)", null)]
    public async Task Old_browsers_are_told_to_leave_responses_alone(string agent, string? value)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = server.Connect();

        Assert.Equal(value, (await client.RequestAsync("GET", "EIO=4&transport=polling", headers: $"User-Agent: {agent}\r\n")).Field("X-XSS-Protection"));
    }

    private static string Decode(byte[] content, string? coding)
    {
        using var encoded = new MemoryStream(content);
        using Stream decoder = coding switch
        {
            "br" => new BrotliStream(encoded, System.IO.Compression.CompressionMode.Decompress),
            "gzip" => new GZipStream(encoded, System.IO.Compression.CompressionMode.Decompress),
            "deflate" => new ZLibStream(encoded, System.IO.Compression.CompressionMode.Decompress),
            _ => encoded,
        };
        using var reader = new StreamReader(decoder);
        return reader.ReadToEnd();
    }
}
