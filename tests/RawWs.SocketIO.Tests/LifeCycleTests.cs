using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Tests;

/// <summary>How connections come into namespaces and leave them, and what is asked of whom meanwhile.</summary>
public sealed class LifeCycleTests
{
    [Fact]
    public async Task Events_right_behind_CONNECT_wait_for_nobody_and_are_not_lost()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("e", (int number) => number)));
        await using var client = await server.OpenPollingAsync();

        await client.PostAsync("40\u001e421[\"e\",1]\u001e422[\"e\",2]\u001e41\u001e40\u001e423[\"e\",3]");

        var messages = new List<string>();
        while (messages.Count < 5)
            messages.AddRange((await client.PollAsync()).Split('\u001e'));

        Assert.Equal(["431[1]", "432[2]", "433[3]"], messages.Where(message => message.StartsWith("43", StringComparison.Ordinal)));
        Assert.Equal(2, messages.Count(message => message.StartsWith("40{\"sid\":", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_comes_while_a_middleware_decides_is_too_early()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io => io.Use(_ => release.Task));
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40");
        await client.SendAsync("42[\"e\"]");

        Assert.Equal("close 1000", await client.ReadAsync());
        release.SetResult();
        Assert.Empty(server.IO.Sockets);
    }

    [Fact]
    public async Task Who_has_gone_while_a_middleware_decided_is_nobody()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var decided = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.Of("/other").OnConnection(socket => socket.OnDisconnect(_ => gone.SetResult()));
            io.Use(async _ =>
            {
                asked.SetResult();
                await release.Task;
            });
            io.Use(_ =>
            {
                decided.SetResult();
                return Task.CompletedTask;
            });
            io.OnConnection(_ => Assert.Fail("nobody is there"));
        });
        var (client, _) = await server.ConnectSocketAsync("40/other,");
        await client.SendAsync("40");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // Its socket elsewhere is told when the connection takes no new one any more.
        client.WebSocket.Abort();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30));
        release.SetResult();
        await decided.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Empty(server.IO.Sockets);
        Assert.Empty(server.Log.AboveDebug);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_slow_namespace_holds_up_no_other()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io => io.Of("/slow").Use(_ => release.Task));
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40/slow,");
        await client.SendAsync("40");
        Assert.Equal("/", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        release.SetResult();

        Assert.Equal("/slow", SocketIOClients.Read(await client.ReadAsync()).Namespace);
    }

    [Fact]
    public async Task Ids_of_sockets_are_no_ids_of_connections_and_no_two_are_equal()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.Of("/admin"));
        var client = server.Connect();
        await client.BeginPollingAsync();
        await client.PostAsync("40\u001e40/admin,");
        var ids = new List<string> { client.Sid };
        while (ids.Count < 3)
            ids.AddRange((await client.PollAsync()).Split('\u001e').Select(reply => SocketIOClients.Read(reply).Id));

        Assert.Equal(3, ids.Distinct().Count());
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_disconnected_while_it_is_asked_answers_no_more()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (first, _) = await server.ConnectSocketAsync();
        var (second, _) = await server.ConnectSocketAsync();

        var asked = server.IO.Everybody.EmitWithAckAsync<int>("q");
        await first.ReadAsync();
        await second.ReadAsync();
        await first.SendAsync("430[1]");
        second.WebSocket.Abort();

        var acks = await asked.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((false, 2, 1), (acks.IsComplete, acks.AskedCount, Assert.Single(acks.Values)));
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_volatile_question_that_was_dropped_is_not_answered()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await server.FindAsync(await client.PollAsync());

        var asked = server.IO.Everybody.Volatile.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("q");
        server.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((false, 1, 0), ((await asked).IsComplete, (await asked).AskedCount, (await asked).Values.Count));
    }

    [Fact]
    public async Task After_it_was_disconnected_nothing_is_joined_sent_or_heard()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        socket.Disconnect();
        Assert.Equal("41", await client.ReadAsync());

        socket.Join("room");
        socket.Leave("room");
        socket.Disconnect();
        await socket.EmitAsync("e");
        await client.SendAsync("40");

        Assert.Equal("/", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        Assert.Empty(server.IO.To("room").Sockets);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_on_its_way_out_leaves_no_room_and_shows_where_it_was()
    {
        var rooms = new TaskCompletionSource<IReadOnlyList<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        socket.Join("room");
        socket.OnDisconnecting(_ =>
        {
            socket.Leave("room");
            socket.Join("another");
            rooms.SetResult(socket.Rooms);
            return Task.CompletedTask;
        });

        socket.Disconnect();

        Assert.Equal([socket.Id, "room"], await rooms.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_sent_away_as_soon_as_it_is_in_its_room_is_told_to_nobody()
    {
        var connectionCount = 0;
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.OnConnection(_ => Interlocked.Increment(ref connectionCount));
            io.Of("/").Adapter.RoomJoined += (_, id) => io.Sockets.Single(socket => socket.Id == id).Disconnect();
        });
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40");

        Assert.StartsWith("40{", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("41", await client.ReadAsync());
        await client.WebSocket.WaitUntilServerWaitsAsync();
        Assert.Equal((0, 0), (connectionCount, server.IO.Sockets.Count));
    }

    // As when a middleware lets a client in on a thread of its own: the client hears of it at once, and what it says then is read before that thread comes to the handlers.
    [Fact]
    public async Task What_a_client_says_before_its_connection_handlers_have_run_waits_for_them()
    {
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.Use(socket => socket.ReceiveAsync(new PacketDecoder(new PacketLimits()).Add("27[\"here\"]"u8.ToArray(), isBinary: false)!)); // It is whole.
            io.OnConnection(socket => socket.On("here", () => 1));
        });
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40");

        Assert.StartsWith("40{", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("437[1]", await client.ReadAsync());
    }

    [Fact]
    public async Task Who_is_still_being_decided_about_is_in_no_namespace_when_its_time_is_up()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.Use(_ => new TaskCompletionSource().Task), options => options.ConnectTimeout = TimeSpan.FromSeconds(5));
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        server.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(0, server.IO.ConnectionCount);
        Assert.Equal("close 1000", await client.ReadAsync());
    }

    [Fact]
    public async Task Who_has_been_in_a_namespace_may_leave_it_and_stay()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.ConnectTimeout = TimeSpan.FromSeconds(5));
        await using var client = await server.ConnectAsync();
        await client.SendAsync("41");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, server.IO.ConnectionCount);
        await client.SendAsync("40");

        Assert.StartsWith("40{", await client.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_adapter_that_can_not_begin_lets_nobody_in()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Adapter = nsp => new BrokenAdapter(nsp));
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40");

        Assert.Equal("44{\"message\":\"internal error\"}", await client.ReadAsync());
        Assert.Contains(server.Log.AboveDebug, line => line.Contains("adapter of /", StringComparison.Ordinal));
        await server.IO.CloseAsync();
    }

    [Fact]
    public async Task Names_with_commas_are_nobodys_and_others_are_literal()
    {
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.Of("/admin?x=1");
            io.Of("/日本 %20");
        });
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40/admin?x=1,");
        Assert.Equal("/admin?x=1", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        await client.SendAsync("40/日本 %20,{}");
        Assert.Equal("/日本 %20", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        Assert.Throws<ArgumentException>(() => server.IO.Of("/a,b"));
    }

    private sealed class BrokenAdapter(SocketIONamespace nsp) : SocketIOAdapter(nsp)
    {
        public override Task InitializeAsync() => Task.FromException(new IOException("no network"));

        public override Task CloseAsync() => Task.FromException(new IOException("no network"));
    }
}
