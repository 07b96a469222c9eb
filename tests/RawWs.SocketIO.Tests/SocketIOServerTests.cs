using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

public sealed class SocketIOServerTests
{
    [Fact]
    public async Task The_sample_of_the_documentation_does_what_it_says()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Join("lobby");
            socket.On("chat message", (string text) => io.To("lobby").EmitAsync("chat message", text));
            socket.On("sum", (int a, int b) => a + b);
        }));
        await using var first = await ConnectAsync(server);
        await using var second = await ConnectAsync(server);

        await first.SendAsync("""42["chat message","hello"]""");
        await first.SendAsync("""427["sum",1,2]""");

        Assert.Equal(["""42["chat message","hello"]""", "437[3]"], [await first.ReadAsync(), await first.ReadAsync()]);
        Assert.Equal("""42["chat message","hello"]""", await second.ReadAsync());
    }

    [Fact]
    public async Task Namespaces_are_joined_and_left_each_by_itself()
    {
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.Of("admin").OnConnection(socket => socket.On("hello", (int number) => socket.EmitAsync("hello", number, socket.Handshake.Auth)));
        });
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40/admin,{\"a\":1}");
        var first = await client.ReadAsync();
        await client.SendAsync("42/admin,[\"hello\",1]");
        Assert.Equal("42/admin,[\"hello\",1,{\"a\":1}]", await client.ReadAsync());
        await client.SendAsync("41/admin,");
        await client.SendAsync("40/admin,");
        var second = await client.ReadAsync();
        await client.SendAsync("40/zzz,");

        Assert.Matches("""^40/admin,\{"sid":"[A-Za-z0-9_-]{20}"\}$""", first);
        Assert.Matches("""^40/admin,\{"sid":"[A-Za-z0-9_-]{20}"\}$""", second);
        Assert.NotEqual(first, second);
        Assert.Equal("44/zzz,{\"message\":\"Invalid namespace\"}", await client.ReadAsync());
    }

    [Fact]
    public async Task A_middleware_refuses_with_a_message_and_data()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.Use(async socket =>
        {
            await Task.Yield();
            if (socket.Handshake.Auth.ValueKind == JsonValueKind.Undefined)
                throw new ConnectErrorException("not authorized", new { code = "E1", retry = false });

            if (socket.Handshake.Auth.GetProperty("token").GetString() != "t")
                throw new InvalidOperationException("a secret");
        }));
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40");
        Assert.Equal("""44{"message":"not authorized","data":{"code":"E1","retry":false}}""", await client.ReadAsync());
        await client.SendAsync("40{\"token\":\"x\"}");
        Assert.Equal("""44{"message":"internal error"}""", await client.ReadAsync());
        await client.SendAsync("40{\"token\":\"t\"}");
        Assert.StartsWith("40{\"sid\":", await client.ReadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42[\"e\"]")]
    [InlineData("4abc")]
    [InlineData("49")]
    [InlineData("40\u001e")]
    [InlineData("44{\"message\":\"x\"}")]
    [InlineData("41")]
    [InlineData("450-[\"a\"]")]
    [InlineData("bAQ==")]
    [InlineData("4")]
    [InlineData("x")]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Whoever_breaks_a_rule_before_it_has_connected_is_closed(string packet)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync(packet);

        Assert.Equal("close 1000", await client.ReadAsync());
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0);
    }

    [Theory]
    [InlineData("40{\"user\":\"another\"}", DisconnectReason.ForcedClose)]
    [InlineData("42[\"connect\"]", DisconnectReason.ForcedClose)]
    [InlineData("42/other,[\"e\"]", DisconnectReason.ForcedClose)]
    [InlineData("4511-[\"e\"]", DisconnectReason.ForcedClose)]
    [InlineData("2", DisconnectReason.TransportError)]
    [InlineData("x", DisconnectReason.ParseError)]
    [InlineData("1", DisconnectReason.TransportClose)]
    [InlineData("41", DisconnectReason.ClientNamespaceDisconnect)]
    public async Task A_socket_is_told_why_it_was_disconnected(string packet, DisconnectReason expected)
    {
        var seen = new TaskCompletionSource<(DisconnectReason Reason, string Rooms, int Left)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var rooms = "";
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Join("room");
            socket.OnDisconnecting(_ =>
            {
                rooms = string.Join(',', socket.Rooms.Select(room => room == socket.Id ? "own" : room).Order(StringComparer.Ordinal));
                return Task.CompletedTask;
            });
            socket.OnDisconnect(reason => seen.SetResult((reason, rooms, socket.Rooms.Count)));
        }));
        await using var client = await ConnectAsync(server);

        await client.SendAsync(packet);

        Assert.Equal((expected, "own,room", 0), await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(server.IO.Sockets);
    }

    [Fact]
    public async Task Rooms_and_exceptions_choose_each_socket_once()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Join(socket.Handshake.Auth.GetProperty("rooms").EnumerateArray().Select(room => room.GetString()!).ToArray());
            socket.On("others", () => socket.To("a", "b").Except("c").EmitAsync("to others"));
        }));
        await using var ab = await ConnectAsync(server, """40{"rooms":["a","b"]}""");
        await using var a = await ConnectAsync(server, """40{"rooms":["a"]}""");
        await using var bc = await ConnectAsync(server, """40{"rooms":["b","c"]}""");

        await ab.SendAsync("421[\"others\"]");
        Assert.Equal("431[]", await ab.ReadAsync());
        await server.IO.To("a", "b").EmitAsync("both");
        await server.IO.Except("a").EmitAsync("not a", new byte[] { 1 });
        await server.IO.EmitAsync("all");

        Assert.Equal(["42[\"both\"]", "42[\"all\"]"], [await ab.ReadAsync(), await ab.ReadAsync()]);
        Assert.Equal(["42[\"to others\"]", "42[\"both\"]", "42[\"all\"]"], [await a.ReadAsync(), await a.ReadAsync(), await a.ReadAsync()]);
        Assert.Equal(
            ["42[\"both\"]", "451-[\"not a\",{\"_placeholder\":true,\"num\":0}]", "#01", "42[\"all\"]"],
            [await bc.ReadAsync(), await bc.ReadAsync(), await bc.ReadAsync(), await bc.ReadAsync()]);
    }

    [Fact]
    public async Task The_server_asks_and_is_answered_in_time_or_not()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = server.IO.Sockets[0];

        var answered = socket.EmitWithAckAsync<string>("q", 1);
        Assert.Equal("420[\"q\",1]", await client.ReadAsync());
        await client.SendAsync("4399[\"nobody asked\"]");
        await client.SendAsync("430[\"yes\",{\"b\":1}]");
        await client.SendAsync("430[\"twice\"]");
        Assert.Equal("yes", await answered);

        var whole = socket.EmitWithAckAsync("q", 1.5);
        Assert.Equal("421[\"q\",1.5]", await client.ReadAsync());
        await client.SendAsync("431[null,{\"b\":1}]");
        Assert.Equal(["null", "{\"b\":1}"], (await whole).Select(value => value.ToString()));

        var empty = socket.Timeout(TimeSpan.FromSeconds(5)).EmitWithAckAsync("q");
        Assert.Equal("422[\"q\"]", await client.ReadAsync());
        await client.SendAsync("432[]");
        Assert.Empty(await empty);

        var late = socket.Timeout(TimeSpan.FromSeconds(5)).EmitWithAckAsync<int>("q", 2);
        Assert.Equal("423[\"q\",2]", await client.ReadAsync());
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => late);
        await client.SendAsync("433[1]");

        var wrong = socket.EmitWithAckAsync<int>("q", 3);
        await client.ReadAsync();
        await client.SendAsync("434[\"x\"]");
        await Assert.ThrowsAsync<EventValueException>(() => wrong);

        var gone = socket.EmitWithAckAsync<int>("q", 4);
        await client.ReadAsync();
        await client.SendAsync("41");
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => gone);
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => socket.EmitWithAckAsync<int>("q", 5));
        Assert.Equal(0, socket.PendingAcks.Count);
    }

    [Fact]
    public async Task Many_are_asked_at_once()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var first = await ConnectAsync(server);
        await using var second = await ConnectAsync(server);

        var both = server.IO.Everybody.EmitWithAckAsync<int>("q");
        Assert.Equal(("420[\"q\"]", "420[\"q\"]"), (await first.ReadAsync(), await second.ReadAsync()));
        await first.SendAsync("430[1]");
        await second.SendAsync("430[2]");
        Assert.Equal((true, 3), (await both is { IsComplete: true }, (await both).Values.Sum()));

        var one = server.IO.Everybody.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("q");
        await first.ReadAsync();
        await first.SendAsync("431[1]");
        await first.WebSocket.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((false, 1, 2), ((await one).IsComplete, (await one).Values.Single(), (await one).AskedCount));
        Assert.All(server.IO.Sockets, socket => Assert.Equal(0, socket.PendingAcks.Count));
        Assert.True((await server.IO.To("nobody").EmitWithAckAsync<int>("q")).IsComplete);
    }

    [Fact]
    public async Task What_handlers_throw_harms_nobody_and_what_does_not_fit_is_said()
    {
        var errors = new List<Exception>();
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
        {
            socket.OnError(errors.Add);
            socket.On("throw", void () => throw new InvalidOperationException("thrown"));
            socket.On("number", (int number) => number);
            socket.Use(received => received.Name == "forbidden" ? throw new InvalidOperationException("forbidden") : Task.CompletedTask);
            socket.On("forbidden", () => 1);
        }));
        await using var client = await ConnectAsync(server);

        foreach (var packet in new[] { "421[\"throw\"]", "422[\"number\",\"x\"]", "423[\"number\"]", "424[\"number\",null]", "425[\"forbidden\"]", "426[\"number\",6]" })
            await client.SendAsync(packet);

        Assert.Equal("436[6]", await client.ReadAsync());
        Assert.Equal(
            ["thrown", "Value 1 of the event 'number' is no Int32.", "The event 'number' has 0 values; value 1 should be a Int32.", "Value 1 of the event 'number' is no Int32.", "forbidden"],
            errors.Select(error => error.Message));
    }

    [Fact]
    public async Task Events_of_a_socket_are_handled_one_after_the_other()
    {
        var order = new List<string>();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(async socket =>
        {
            await Task.Yield();
            socket.On("slow", async () =>
            {
                order.Add("slow begins");
                await release.Task;
                order.Add("slow ends");
            });
            socket.On("fast", () => order.Add("fast"));
        }));
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40");
        await client.SendAsync("42[\"slow\"]");
        await client.SendAsync("421[\"fast\"]");
        await client.ReadAsync();
        await client.WebSocket.WaitUntilServerWaitsAsync();
        release.SetResult();

        Assert.Equal("431[]", await client.ReadAsync());
        Assert.Equal(["slow begins", "slow ends", "fast"], order);
    }

    [Fact]
    public async Task Binary_values_come_and_go_inside_of_others()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
            socket.On("file", (Upload upload, ReadOnlyMemory<byte> bytes, JsonElement rest) => new Upload(upload.Name + rest.GetInt32(), bytes.ToArray()))));
        await using var client = await ConnectAsync(server);

        await client.SendAsync("""452-9["file",{"name":"a","content":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":0},5]""");
        await client.SendAsync([1, 2]);
        await client.SendAsync([3]);

        Assert.Equal("""461-9[{"name":"a5","content":{"_placeholder":true,"num":0}}]""", await client.ReadAsync());
        Assert.Equal("#0102", await client.ReadAsync());
    }

    [Fact]
    public async Task Whoever_joins_no_namespace_in_time_is_closed()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.Use(_ => throw new ConnectErrorException("no")), options => options.ConnectTimeout = TimeSpan.FromSeconds(5));
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40");
        Assert.Equal("44{\"message\":\"no\"}", await client.ReadAsync());

        server.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("close 1000", await client.ReadAsync());
    }

    [Fact]
    public async Task A_server_disconnects_one_namespace_or_all()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.Of("/admin"));
        await using var client = await ConnectAsync(server);
        await client.SendAsync("40/admin,");
        await client.ReadAsync();
        await client.SendAsync("40/admin,{\"user\":\"another\"}");

        Assert.Equal("close 1000", await client.ReadAsync());
        await using var other = await ConnectAsync(server);
        await other.SendAsync("40/admin,");
        await other.ReadAsync();
        server.IO.Sockets[0].Disconnect();
        Assert.Equal("41", await other.ReadAsync());
        server.IO.Of("/admin").Sockets[0].Disconnect(close: true);
        Assert.Equal(["41/admin,", "close 1000"], [await other.ReadAsync(), await other.ReadAsync()]);
    }

    [Fact]
    public async Task Everything_that_a_client_controls_has_a_limit()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io =>
            {
                io.Of("/a");
                io.Of("/b");
                io.OnConnection(socket => socket.On("join", (string[] rooms) => socket.Join(rooms)));
            },
            options => (options.MaxNamespacesPerConnection, options.MaxRoomsPerSocket, options.MaxPendingAckCount, options.MaxPayload) = (2, 2, 1, 100));
        await using var client = await ConnectAsync(server);
        var socket = server.IO.Sockets[0];

        socket.Join("1", "2", "2");
        Assert.Throws<InvalidOperationException>(() => socket.Join("3"));
        var first = socket.EmitWithAckAsync<int>("q");
        await client.ReadAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => socket.EmitWithAckAsync<int>("q"));
        await client.SendAsync("40/a,");
        await client.ReadAsync();
        await client.SendAsync("40/b,");
        Assert.Equal("close 1000", await client.ReadAsync());
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => first);

        await using var large = await ConnectAsync(server);
        await large.SendAsync($"42[\"{new string('x', 100)}\"]");
        Assert.Equal("close 1009", await large.ReadAsync());
    }

    [Fact]
    public async Task When_the_server_closes_everybody_is_told_and_nobody_comes_in()
    {
        var reason = new TaskCompletionSource<DisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.OnDisconnect(reason.SetResult)));
        await using var client = await ConnectAsync(server);
        await using var polling = await server.OpenPollingAsync();

        server.IO.Close();

        Assert.Equal("close 1001", await client.ReadAsync());
        Assert.Equal(DisconnectReason.ServerShuttingDown, await reason.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        await using var late = server.Connect();
        Assert.Equal(503, (await late.RequestAsync("GET", "EIO=4&transport=polling")).Status);
        Assert.Equal(503, (await late.RequestAsync("GET", "EIO=4&transport=websocket", headers: EngineClient.UpgradeHeaders)).Status);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("disconnect")]
    [InlineData("newListener")]
    public async Task Reserved_names_are_nobodys(string name)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await ConnectAsync(server);

        Assert.Throws<ArgumentException>(() => { _ = server.IO.EmitAsync(name); });
        Assert.Throws<ArgumentException>(() => server.IO.Sockets[0].On(name, () => { }));
    }

    private static Task<EngineClient> ConnectAsync(SocketIOTestServer server, string packet = "40") => server.ConnectAsync(packet);

    private sealed record Upload(string Name, byte[] Content);
}
