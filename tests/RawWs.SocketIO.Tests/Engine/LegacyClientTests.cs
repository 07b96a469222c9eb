using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

/// <summary>Protocol 3, with the bytes that Node's server was seen to send.</summary>
public sealed class LegacyClientTests
{
    [Fact]
    public async Task A_client_is_connected_without_asking()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect("3");

        var open = await client.RequestAsync("GET", "EIO=3&transport=polling");
        client.TakeSid(open.Text);

        Assert.Matches("""^118:0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$""", open.Text);
        Assert.Equal("2:40", await client.PollAsync());
        Assert.Equal(client.Sid, Assert.Single(server.IO.Sockets).Id);
    }

    [Fact]
    public async Task Packets_come_and_go_with_their_lengths()
    {
        await using var server = await StartAsync();
        await using var client = await OpenAsync(server);

        await client.PostAsync("1:2");
        Assert.Equal("1:3", await client.PollAsync());
        await client.PostAsync("15:42[\"hello\",\"é\"]");
        Assert.Equal("15:42[\"hello\",\"é\"]", await client.PollAsync());
        await client.PostAsync("19:40/admin?x=1&y=a%20");
        Assert.Equal("9:40/admin,", await client.PollAsync());
        await client.PostAsync("20:42/admin,[\"hello\",1]");
        Assert.Equal("37:42/admin,[\"hello\",{\"x\":\"1\",\"y\":\"a \"}]", await client.PollAsync());
        Assert.Equal("/admin#" + client.Sid, Assert.Single(server.IO.Of("/admin").Sockets).Id);
    }

    [Fact]
    public async Task Bytes_come_and_go_as_bytes()
    {
        const string Body = "000403FF3435312D5B2268656C6C6F222C7B225F706C616365686F6C646572223A747275652C226E756D223A307D5D0103FF040908";
        await using var server = await StartAsync();
        await using var client = await OpenAsync(server);

        Assert.Equal("ok", (await client.PostAsync(Convert.FromHexString(Body), "application/octet-stream")).Text);

        var poll = await client.RequestAsync("GET", client.SessionQuery);
        Assert.Equal((200, "application/octet-stream", Body), (poll.Status, poll.Field("Content-Type"), Convert.ToHexString(poll.Content)));
    }

    [Fact]
    public async Task Bytes_come_and_go_as_base64_to_those_who_take_no_others()
    {
        const string Body = "43:451-[\"hello\",{\"_placeholder\":true,\"num\":0}]6:b4CQg=";
        await using var server = await StartAsync();
        await using var client = await OpenAsync(server, "&b64=1");

        await client.PostAsync(Body);

        var poll = await client.RequestAsync("GET", client.SessionQuery);
        Assert.Equal((200, "text/plain; charset=UTF-8", Body), (poll.Status, poll.Field("Content-Type"), poll.Text));
    }

    [Theory]
    [InlineData("", "#040908")]
    [InlineData("&b64=1", "b4CQg=")]
    public async Task On_a_WebSocket_bytes_have_their_type_before_them(string more, string bytes)
    {
        const string Event = "451-[\"hello\",{\"_placeholder\":true,\"num\":0}]";
        await using var server = await StartAsync();
        await using var client = server.Connect("3");
        await client.OpenWebSocketAsync("EIO=3&transport=websocket" + more);
        Assert.StartsWith("0{\"sid\":", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("40", await client.ReadAsync());

        await client.SendAsync("2");
        Assert.Equal("3", await client.ReadAsync());
        await client.SendAsync(Event);
        await client.SendAsync([4, 9, 8]);
        Assert.Equal([Event, bytes], [await client.ReadAsync(), await client.ReadAsync()]);
        await client.SendAsync(Event);
        await client.SendAsync("b4CQg=");
        Assert.Equal([Event, bytes], [await client.ReadAsync(), await client.ReadAsync()]);
    }

    [Theory]
    [InlineData("&b64=1", "bCQg=")]
    [InlineData("&b64=", "#0908")]
    [InlineData("&j=0", "#0908")]
    public async Task A_client_of_protocol_4_may_want_base64_too(string more, string bytes)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();
        await client.OpenWebSocketAsync("EIO=4&transport=websocket" + more);
        await client.ReadAsync();
        await client.SendAsync("40");
        await client.ReadAsync();

        await client.SendAsync("451-[\"hello\",{\"_placeholder\":true,\"num\":0}]");
        await client.SendAsync("bCQg=");

        await client.ReadAsync();
        Assert.Equal(bytes, await client.ReadAsync());
    }

    [Fact]
    public async Task A_session_changes_to_a_WebSocket()
    {
        await using var server = await StartAsync();
        await using var client = await OpenAsync(server);
        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        Assert.Equal("3probe", await client.ReadAsync());
        Assert.Equal("1:6", (await poll.ReadResponseAsync()).Text);
        await client.SendAsync("5");
        await client.SendAsync("42[\"hello\"]");

        Assert.Equal("42[\"hello\"]", await client.ReadAsync());
    }

    [Theory]
    [InlineData("1:3")]
    [InlineData("4hello")]
    [InlineData("")]
    [InlineData("3:4hello")]
    [InlineData("7:4hello")]
    public async Task What_protocol_3_does_not_know_ends_the_session(string body)
    {
        await using var server = await StartAsync();
        await using var client = await OpenAsync(server);

        await client.RequestAsync("POST", client.SessionQuery, body);

        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task Whoever_does_not_ping_is_disconnected_and_a_ping_begins_anew()
    {
        await using var server = await StartAsync();
        await using var client = await OpenAsync(server);
        server.Time.Advance(TimeSpan.FromSeconds(44));
        await client.PostAsync("1:2");
        Assert.Equal("1:3", await client.PollAsync());
        server.Time.Advance(TimeSpan.FromSeconds(44));
        await client.PostAsync("11:42[\"hello\"]");
        Assert.Equal(1, server.IO.ConnectionCount);

        server.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task A_refusal_is_its_data_or_its_message()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io =>
            {
                io.Of("/bare").Use(_ => throw new ConnectErrorException("nope"));
                io.Of("/data").Use(_ => throw new ConnectErrorException("nope", new { code = 1 }));
                io.Of("/type").Use(_ => throw new ConnectErrorException("nope", typeof(int))); // No serializer writes a type.
            },
            options => options.AllowEio3 = true);
        await using var client = await OpenAsync(server);

        await client.PostAsync("7:40/bare7:40/data7:40/type9:40/other,");

        Assert.Equal("14:44/bare,\"nope\"18:44/data,{\"code\":1}14:44/type,\"nope\"40:44/other,{\"message\":\"Invalid namespace\"}", await client.PollAsync());
    }

    [Fact]
    public async Task The_id_of_a_socket_is_a_secret_and_not_logged()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.On("fail", new Action(() => throw new InvalidOperationException("as it happens")))), options => options.AllowEio3 = true);
        await using var client = await OpenAsync(server);

        await client.PostAsync("10:42[\"fail\"]");

        await Eventually.HoldsAsync(() => server.Log.AboveDebug.Any());
        Assert.DoesNotContain(server.Log.AboveDebug, record => record.Contains(client.Sid, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_query_without_end_as_much_is_read_as_an_event_may_have()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.Of("/admin").OnConnection(socket => socket.EmitAsync("count", socket.Handshake.Auth.EnumerateObject().Count())), options => options.AllowEio3 = true);
        await using var client = await OpenAsync(server);
        var packet = "40/admin?" + string.Join('&', Enumerable.Range(0, 2_000));

        await client.PostAsync($"{packet.Length}:{packet}");

        var received = await client.PollAsync();
        if (!received.Contains("count", StringComparison.Ordinal))
            received += await client.PollAsync();

        Assert.EndsWith("42/admin,[\"count\",1024]", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_of_both_protocols_hear_each_other()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.OnAny(received => io.EmitAsync(received.Name, [.. received.Values]))), options => options.AllowEio3 = true);
        await using var old = await OpenAsync(server);
        await using var plain = await OpenAsync(server, "&b64=1");
        await using var current = await server.OpenWebSocketAsync();
        await current.SendAsync("40");
        await current.ReadAsync();

        await current.SendAsync("451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
        await current.SendAsync([1, 2]);

        Assert.Equal(["451-[\"a\",{\"_placeholder\":true,\"num\":0}]", "#0102"], [await current.ReadAsync(), await current.ReadAsync()]);
        Assert.Equal("39:451-[\"a\",{\"_placeholder\":true,\"num\":0}]6:b4AQI=", await plain.PollAsync());
        Assert.EndsWith("0103FF040102", Convert.ToHexString((await old.RequestAsync("GET", old.SessionQuery)).Content), StringComparison.Ordinal);

        await old.PostAsync("9:42[\"b\",1]");
        Assert.Equal("42[\"b\",1]", await current.ReadAsync());
    }

    private static Task<SocketIOTestServer> StartAsync()
        => SocketIOTestServer.StartAsync(
            io =>
            {
                io.OnConnection(socket => socket.OnAny(received => socket.EmitAsync(received.Name, [.. received.Values])));
                io.Of("/admin").OnConnection(socket => socket.On("hello", (int _) => socket.EmitAsync("hello", socket.Handshake.Auth)));
            },
            options => options.AllowEio3 = true);

    private static async Task<EngineClient> OpenAsync(SocketIOTestServer server, string more = "")
    {
        var client = server.Connect("3");
        await client.BeginPollingAsync(more);
        Assert.Equal("2:40", await client.PollAsync());
        return client;
    }
}
