using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>Clients that lose their connection and come back.</summary>
public sealed class RecoveryTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Who_comes_back_is_who_it_was_and_has_missed_nothing()
    {
        await using var server = await StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        socket.Join("room1", "room2");
        socket.Data["name"] = "Ada";
        await socket.EmitAsync("hello", "x");
        var offset = OffsetOf(await client.ReadAsync(), """["hello","x",""");

        await LoseAsync(client, socket);
        await server.IO.EmitAsync("a", 1);
        await server.IO.To("room1").EmitAsync("b", (byte[])[1]);
        await server.IO.To("room3").EmitAsync("not there");
        await server.IO.Except("room2").EmitAsync("excepted");
        await server.IO.Everybody.Volatile.EmitAsync("volatile");
        await server.IO.To(id).EmitAsync("own room");

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}","token":"t"}""");
        OffsetOf(await again.ReadAsync(), """["a",1,""");
        Assert.StartsWith("""451-["b",{"_placeholder":true,"num":0},""", await again.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("#01", await again.ReadAsync());
        OffsetOf(await again.ReadAsync(), """["own room",""");
        Assert.Equal($$"""40{"sid":"{{id}}","pid":"{{pid}}"}""", await again.ReadAsync());

        var recovered = server.IO.Sockets.Single();
        Assert.True(recovered.IsRecovered);
        Assert.Equal("Ada", recovered.Data.Get<string>("name"));
        Assert.Equal(new HashSet<string>(["room1", "room2", id]), recovered.Rooms.ToHashSet());
        Assert.Equal("t", recovered.Handshake.Auth.GetProperty("token").GetString());
        await server.IO.To("room2").EmitAsync("now");
        OffsetOf(await again.ReadAsync(), """["now",""");
    }

    [Fact]
    public async Task Who_has_seen_no_event_comes_back_without_an_offset()
    {
        await using var server = await StartAsync();
        await server.IO.EmitAsync("before it came");
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);
        await server.IO.EmitAsync("missed");

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");

        OffsetOf(await again.ReadAsync(), """["missed",""");
        Assert.Equal($$"""40{"sid":"{{id}}","pid":"{{pid}}"}""", await again.ReadAsync());
    }

    [Fact]
    public async Task It_can_be_lost_and_come_back_again()
    {
        await using var server = await StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        for (var round = 0; round < 3; round++)
        {
            await LoseAsync(client, server.IO.Sockets.Single());

            // Each time as long as the first.
            server.Time.Advance(Longest - TimeSpan.FromSeconds(1));
            client = await server.OpenWebSocketAsync();
            await client.SendAsync($$"""40{"pid":"{{pid}}"}""");
            Assert.Equal($$"""40{"sid":"{{id}}","pid":"{{pid}}"}""", await client.ReadAsync());
            await client.WebSocket.WaitUntilServerWaitsAsync();
        }

        await client.DisposeAsync();
    }

    [Fact]
    public async Task Whose_connection_is_not_lost_keeps_its_id_to_itself()
    {
        await using var server = await StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);

        await using var first = await server.OpenWebSocketAsync();
        await first.SendAsync($$"""40{"pid":"{{pid}}"}""");
        Assert.Equal(id, SocketIOClients.Read(await first.ReadAsync()).Id);
        await using var second = await server.OpenWebSocketAsync();
        await second.SendAsync($$"""40{"pid":"{{pid}}"}""");
        var stranger = SocketIOClients.Read(await second.ReadAsync());

        Assert.NotEqual(id, stranger.Id);
        Assert.NotEqual(pid, stranger.PrivateId);
        Assert.Equal(2, server.IO.Sockets.Count);
    }

    [Theory]
    [InlineData("""{"pid":"unknown","offset":"1"}""")]
    [InlineData("""{"pid":1,"offset":"1"}""")]
    [InlineData("""{"pid":"PID","offset":1}""")]
    [InlineData("""{"pid":"PID","offset":null}""")]
    [InlineData("""{"pid":"PID","offset":"never given"}""")]
    [InlineData("""{"pid":"PID","offset":"ffff"}""")]
    [InlineData("""{"pid":"PID","offset":"-1"}""")]
    [InlineData("""{"pid":"PID","offset":"10000000000000000"}""")]
    [InlineData("""{"pid":"PID","offset":""}""")]
    [InlineData("""{"offset":"1"}""")]
    [InlineData("""{"pid":"\ud800"}""")]
    [InlineData("""{"pid":"PID","offset":"\ud800"}""")]
    [InlineData("""{"pid":"__proto__","offset":"__proto__"}""")]
    public async Task Who_says_what_is_not_so_begins_anew(string auth)
    {
        await using var server = await StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync("40" + auth.Replace("PID", pid, StringComparison.Ordinal));
        var stranger = SocketIOClients.Read(await again.ReadAsync());

        Assert.NotEqual(id, stranger.Id);
        Assert.False((await server.FindAsync($$"""40{"sid":"{{stranger.Id}}"}""")).IsRecovered);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task After_its_time_nobody_is_known_any_more()
    {
        await using var server = await StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);
        server.Time.Advance(Longest + TimeSpan.FromSeconds(1));

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");

        Assert.NotEqual(id, SocketIOClients.Read(await again.ReadAsync()).Id);
    }

    [Theory]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxEventCount))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxEventSize))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxSessionCount))]
    public async Task What_is_kept_is_bounded(string limit)
    {
        await using var server = await StartAsync(recovery =>
        {
            recovery.MaxEventCount = limit == nameof(recovery.MaxEventCount) ? 3 : 1000;
            recovery.MaxEventSize = limit == nameof(recovery.MaxEventSize) ? 100 : 1000;
            recovery.MaxSessionCount = limit == nameof(recovery.MaxSessionCount) ? 1 : 1000;
        });
        var (first, firstSocket) = await server.ConnectSocketAsync();
        var (_, firstId, firstPid) = IdsOf(first, firstSocket);
        await LoseAsync(first, firstSocket);
        var (second, secondSocket) = await server.ConnectSocketAsync();
        await LoseAsync(second, secondSocket);
        for (var number = 0; number < 4; number++)
            await server.IO.EmitAsync("event", new string('x', 30));

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{firstPid}}"}""");

        Assert.NotEqual(firstId, SocketIOClients.Read(await again.ReadAsync()).Id);
    }

    [Fact]
    public async Task Who_left_or_was_sent_away_does_not_come_back()
    {
        await using var server = await StartAsync();
        foreach (var packet in new[] { "41", "x", "" })
        {
            var (client, socket) = await server.ConnectSocketAsync();
            var (_, id, pid) = IdsOf(client, socket);
            if (packet.Length == 0)
                socket.Disconnect(close: true);
            else
                await client.SendAsync(packet);

            await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 0);
            await client.DisposeAsync();
            await using var again = await server.OpenWebSocketAsync();
            await again.SendAsync($$"""40{"pid":"{{pid}}"}""");
            Assert.NotEqual(id, SocketIOClients.Read(await again.ReadAsync()).Id);
            await again.SendAsync("41");
            await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 0);
        }
    }

    [Fact]
    public async Task Questions_and_volatile_events_have_no_offset()
    {
        await using var server = await StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();

        var answer = socket.EmitWithAckAsync<int>("q", 1);
        Assert.Equal("420[\"q\",1]", await client.ReadAsync());
        await client.SendAsync("430[1]");
        await answer;
        await socket.Volatile.EmitAsync("v");
        Assert.Equal("42[\"v\"]", await client.ReadAsync());
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Middlewares_are_skipped_or_not(bool skips)
    {
        var asked = new List<bool>();
        await using var server = await StartAsync(
            recovery => recovery.SkipMiddlewares = skips,
            io => io.Use(socket =>
            {
                asked.Add(socket.IsRecovered);
                return Task.CompletedTask;
            }));
        var connected = 0;
        server.IO.OnConnection(_ => Interlocked.Increment(ref connected));
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");

        Assert.Equal(id, SocketIOClients.Read(await again.ReadAsync()).Id);
        Assert.Equal(skips ? [false] : [false, true], asked);
        await Eventually.HoldsAsync(() => Volatile.Read(ref connected) == 2);
    }

    [Fact]
    public async Task Who_is_refused_when_it_comes_back_may_try_again()
    {
        var mayReturn = false;
        await using var server = await StartAsync(
            recovery => recovery.SkipMiddlewares = false,
            io => io.Use(socket => socket.IsRecovered && !mayReturn ? throw new ConnectErrorException("not now") : Task.CompletedTask));
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");
        Assert.Equal("44{\"message\":\"not now\"}", await again.ReadAsync());
        Assert.Empty(server.IO.Sockets);
        mayReturn = true;
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");

        Assert.Equal(id, SocketIOClients.Read(await again.ReadAsync()).Id);
    }

    [Fact]
    public async Task What_is_sent_while_it_comes_back_arrives_once_and_in_order()
    {
        SlowAdapter? adapter = null;
        await using var server = await SocketIOTestServer.StartAsync(
            configure: options => (options.ConnectionStateRecovery, options.Adapter) = (new(), nsp => adapter = new SlowAdapter(nsp)));
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);
        adapter!.Stored = new StoredSession(id, pid!, [id, "room"], new SocketData(server.IO.Of("/").CreateValue("{\"a\":1}"u8.ToArray())), null);

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"0"}""");
        await adapter.IsReading.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await server.IO.To("room").EmitAsync("e", 2, "o2");
        await adapter.BroadcastAsync(server.IO.Of("/").CreatePacket("e", 2).WithOffset("o2"), new BroadcastOptions { Rooms = ["room"] });
        await adapter.BroadcastAsync(server.IO.Of("/").CreatePacket("e", 3).WithOffset("o3"), new BroadcastOptions { Rooms = ["room"] });
        adapter.Missed.SetResult([server.IO.Of("/").CreatePacket("e", 1).WithOffset("o1"), server.IO.Of("/").CreatePacket("e", 2).WithOffset("o2")]);

        Assert.Equal("""42["e",1,"o1"]""", await again.ReadAsync());
        Assert.Equal("""42["e",2,"o2"]""", await again.ReadAsync());
        Assert.Equal("""42["e",2,"o2"]""", await again.ReadAsync());
        Assert.Equal("""42["e",3,"o3"]""", await again.ReadAsync());
        Assert.Equal(id, SocketIOClients.Read(await again.ReadAsync()).Id);
        Assert.Equal(1, server.IO.Sockets.Single().Data.Get<int>("a"));
    }

    [Fact]
    public async Task A_connection_that_ends_while_it_comes_back_can_come_back_later()
    {
        SlowAdapter? adapter = null;
        await using var server = await SocketIOTestServer.StartAsync(
            configure: options => (options.ConnectionStateRecovery, options.Adapter) = (new(), nsp => adapter = new SlowAdapter(nsp)));
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);
        adapter!.Stored = new StoredSession(id, pid!, [id], new SocketData(server.IO.Of("/").CreateValue("{}"u8.ToArray())), null);

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");
        await adapter.IsReading.Task.WaitAsync(TimeSpan.FromSeconds(30));
        again.WebSocket.Abort();
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0);
        adapter.Stored = null;
        adapter.Missed.SetResult([]);

        await Eventually.HoldsAsync(() => adapter.Stored?.PrivateId == pid);
        Assert.Empty(server.IO.Sockets);
    }

    [Theory]
    [InlineData(8, 1 << 20, 6, true)]
    [InlineData(8, 1 << 20, 7, false)]
    [InlineData(100, 400, 7, true)]
    [InlineData(100, 400, 8, false)]
    [InlineData(100, 374, 7, true)]
    [InlineData(100, 373, 7, false)]
    public async Task Who_has_missed_more_than_its_connection_takes_at_once_begins_anew(int maxQueueCount, int maxQueueSize, int missedCount, bool isRecovered)
    {
        await using var server = await SocketIOTestServer.StartAsync(
            configure: options => (options.ConnectionStateRecovery, options.MaxQueueCount, options.MaxQueueSize) = (new(), maxQueueCount, maxQueueSize));
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = IdsOf(client, socket);
        await LoseAsync(client, socket);
        for (var count = 0; count < missedCount; count++)
            await server.IO.EmitAsync("e", new string('x', 25));

        await using var again = await server.OpenPollingAsync();
        await again.PostAsync($$"""40{"pid":"{{pid}}"}""");
        var packets = new List<string>();
        while (packets is not [.., ['4', '0', ..]])
            packets.AddRange((await again.PollAsync()).Split('\u001e'));

        Assert.Equal((isRecovered, isRecovered ? missedCount : 0), (SocketIOClients.Read(packets[^1]).Id == id, packets.Count - 1));
    }

    private static Task<SocketIOTestServer> StartAsync(Action<ConnectionStateRecoveryOptions>? configure = null, Action<SocketIOServer>? setUp = null)
    {
        var recovery = new ConnectionStateRecoveryOptions { MaxDisconnectionDuration = Longest };
        configure?.Invoke(recovery);
        return SocketIOTestServer.StartAsync(setUp, options => options.ConnectionStateRecovery = recovery);
    }

    // The private id is said once, in the reply that the client has read.
    private static (string Namespace, string Id, string? PrivateId) IdsOf(EngineClient client, SocketIOSocket socket)
    {
        var ids = SocketIOClients.Read(client.LastMessage);
        Assert.Equal(socket.Id, ids.Id);
        Assert.Equal(20, ids.PrivateId?.Length);
        return ids;
    }

    private static async Task LoseAsync(EngineClient client, SocketIOSocket socket)
    {
        var gone = new TaskCompletionSource<DisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        socket.OnDisconnect(gone.SetResult);
        client.WebSocket.Abort();
        Assert.InRange(await gone.Task.WaitAsync(TimeSpan.FromSeconds(30)), DisconnectReason.TransportClose, DisconnectReason.TransportError);
        await client.DisposeAsync();
    }

    private static string OffsetOf(string message, string begin)
    {
        Assert.StartsWith("42" + begin, message, StringComparison.Ordinal);
        return JsonDocument.Parse(message.AsMemory(2)).RootElement.EnumerateArray().Last().GetString()!; // The beginning is that of an array with more behind it.
    }

    /// <summary>An adapter whose memory is elsewhere.</summary>
    private sealed class SlowAdapter(SocketIONamespace nsp) : SocketIOAdapter(nsp)
    {
        public StoredSession? Stored { get; set; }

        public TaskCompletionSource IsReading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<IReadOnlyList<SocketIOPacket>?> Missed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task PersistSessionAsync(StoredSession session)
        {
            Stored = session;
            return Task.CompletedTask;
        }

        public override Task<StoredSession?> RestoreSessionAsync(string privateId, string? offset) => Task.FromResult(Stored);

        public override Task<IReadOnlyList<SocketIOPacket>?> ReadMissedAsync(StoredSession session, string? offset)
        {
            IsReading.TrySetResult();
            return Missed.Task;
        }
    }
}
