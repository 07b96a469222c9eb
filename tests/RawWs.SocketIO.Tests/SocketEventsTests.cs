using System.Diagnostics.Metrics;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>Handlers and modifiers of sockets.</summary>
public sealed class SocketEventsTests
{
    [Fact]
    public async Task Handlers_are_removed_each_or_all()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var heard = new List<string>();
        var first = socket.On("e", (string _) => heard.Add("first"));
        socket.On("e", (string _) => heard.Add("second"));
        socket.Once("e", received => heard.Add("once " + received.Get<string>(0)));
        var never = socket.Once("e", received => heard.Add("never"));
        socket.On("end", () => 0);
        never.Dispose();
        never.Dispose();

        await SayAsync("a");
        first.Dispose();
        await SayAsync("b");
        socket.Off("e");
        await SayAsync("c");
        Assert.Equal(["first", "second", "once a", "second"], heard);
        socket.Off();
        socket.On("end", () => 1);
        await client.SendAsync("421[\"end\"]");
        Assert.Equal("431[1]", await client.ReadAsync());
        await client.DisposeAsync();

        async Task SayAsync(string text)
        {
            await client.SendAsync($"42[\"e\",\"{text}\"]");
            await client.SendAsync("421[\"end\"]");
            Assert.Equal("431[0]", await client.ReadAsync());
        }
    }

    [Fact]
    public async Task An_answer_without_payload_has_no_values()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var answer = socket.EmitWithAckAsync("q");
        Assert.Equal("420[\"q\"]", await client.ReadAsync());

        await client.SendAsync("430");

        Assert.Empty(await answer);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_text_that_was_cut_through_an_emoji_is_heard()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("str", (string text) => text);
            socket.On("\ufffd", (Dictionary<string, string> named) => named);
        }));
        await using var client = await server.ConnectAsync("40{\"token\":\"\\ud83d\"}");
        Assert.Equal("\ufffd", server.IO.Sockets.Single().Handshake.Auth.GetProperty("token").GetString());

        await client.SendAsync("421[\"str\",\"a\\ud83d\"]");
        Assert.Equal("431[\"a\ufffd\"]", await client.ReadAsync());
        await client.SendAsync("422[\"\\ude00\",{\"\\ud83d\":\"\\ud83d\"}]");
        Assert.Equal("432[{\"\ufffd\":\"\ufffd\"}]", await client.ReadAsync());
        var answer = server.IO.Sockets.Single().EmitWithAckAsync<string>("q");
        await client.ReadAsync();
        await client.SendAsync("430[\"\\ud83d\"]");
        Assert.Equal("\ufffd", await answer);
    }

    [Fact]
    public async Task Catch_all_handlers_come_first_in_their_order_then_middlewares()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var heard = new List<string>();
        socket.Use(Note("middleware"));
        var any = socket.OnAny(Note("any"));
        socket.PrependAny(Note("before any"));
        socket.On("e", () => heard.Add("handler"));

        await SayAsync();
        any.Dispose();
        await SayAsync();
        socket.OffAny();
        await SayAsync();

        Assert.Equal(["before any", "any", "middleware", "handler", "before any", "middleware", "handler", "middleware", "handler"], heard);
        await client.DisposeAsync();

        Func<SocketEvent, Task> Note(string name) => received =>
        {
            Assert.Equal("e", received.Name);
            heard.Add(name);
            return Task.CompletedTask;
        };

        async Task SayAsync()
        {
            await client.SendAsync("421[\"e\"]");
            Assert.Equal("431[]", await client.ReadAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_sent_is_shown_broadcasts_too_and_acks_not(bool recovers)
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.On("ask", () => 1)), options => options.ConnectionStateRecovery = recovers ? new() : null);
        var (client, socket) = await server.ConnectSocketAsync();
        var sent = new List<string>();
        var last = socket.OnAnyOutgoing(packet => sent.Add("last " + packet.EventName));
        socket.PrependAnyOutgoing(packet =>
        {
            // Where clients can come back, the last value is what they say then.
            var offset = recovers && packet.EventName is "direct" or "all" ? 1 : 0;
            Assert.Equal(offset == 1 ? packet.Offset : null, packet.Values.TakeLast(offset).SingleOrDefault()?.Get<string>());
            sent.Add($"first {packet.EventName} {string.Join(' ', packet.Values.SkipLast(offset))}");
        });

        await socket.EmitAsync("direct", 1, "x");
        await server.IO.EmitAsync("all");
        await server.IO.Except(socket.Id).EmitAsync("not to it");
        last.Dispose();
        var answer = socket.EmitWithAckAsync<int>("q", null, new { a = 1 });
        await client.SendAsync("421[\"ask\"]");
        await client.SendAsync("430[5]");
        Assert.Equal(5, await answer);
        var answers = server.IO.Everybody.EmitWithAckAsync<int>("q of all");
        await client.SendAsync("431[6]");
        Assert.Equal([6], (await answers).Values);
        socket.OffAnyOutgoing();
        await socket.EmitAsync("unseen");

        Assert.Equal(["first direct 1 \"x\"", "last direct", "first all ", "last all", "first q null {\"a\":1}", "first q of all "], sent);
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("connect_error")]
    [InlineData("disconnect")]
    [InlineData("disconnecting")]
    public async Task An_event_that_clients_can_not_send_has_no_handlers(string name)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();

        Assert.Throws<ArgumentException>(() => socket.On(name, () => { }));
        Assert.Throws<ArgumentException>(() => socket.Once(name, _ => { }));
        Assert.Throws<ArgumentException>(() => socket.Once(name, _ => Task.CompletedTask));
        Assert.Throws<ArgumentNullException>(() => socket.Once("e", (Action<SocketEvent>)null!));
        Assert.Throws<ArgumentNullException>(() => socket.Once("e", (Func<SocketEvent, Task>)null!));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Values_that_are_kept_with_a_socket_have_types()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();

        socket.Data["number"] = 1;
        socket.Data["none"] = null;

        Assert.Equal((1, 0, null), (socket.Data.Get<int>("number"), socket.Data.Get<int>("missing"), socket.Data.Get<string>("none")));
        Assert.Throws<InvalidCastException>(() => socket.Data.Get<string>("number"));
        Assert.Equal(["none", "number"], socket.Data.Names.Order(StringComparer.Ordinal));
        Assert.True(socket.Data.Remove("number"));
        Assert.False(socket.Data.Remove("number"));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Volatile_events_are_dropped_for_whoever_does_not_poll()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        var socket = await server.FindAsync(await client.PollAsync());

        await socket.Volatile.EmitAsync("dropped");
        await server.IO.Everybody.Volatile.EmitAsync("dropped as well");
        await socket.EmitAsync("kept");
        Assert.Equal("42[\"kept\"]", await client.PollAsync());

        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();
        await socket.Volatile.EmitAsync("taken");
        Assert.Equal("42[\"taken\"]", (await poll.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Volatile_events_are_dropped_for_whoever_does_not_read_its_WebSocket()
    {
        var large = new string('x', 200_000);
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();

        await socket.EmitAsync("large", large);
        await socket.Volatile.EmitAsync("dropped");
        await server.IO.Everybody.Volatile.EmitAsync("dropped as well");
        await socket.EmitAsync("kept");

        Assert.Equal([$"42[\"large\",\"{large}\"]", "42[\"kept\"]"], [await client.ReadAsync(), await client.ReadAsync()]);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_message_is_the_event_of_that_name()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();

        await socket.SendAsync("a");
        await server.IO.Everybody.SendAsync("b");
        await socket.Compress(false).EmitAsync("c");

        Assert.Equal(["42[\"message\",\"a\"]", "42[\"message\",\"b\"]", "42[\"c\"]"], [await client.ReadAsync(), await client.ReadAsync(), await client.ReadAsync()]);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Rooms_tell_when_they_come_and_go_and_who_does()
    {
        var changes = new List<string>();
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            var adapter = io.Of("/").Adapter;
            adapter.RoomCreated += room => changes.Add($"created {room}");
            adapter.RoomDeleted += room => changes.Add($"deleted {room}");
            adapter.RoomJoined += (room, id) => changes.Add($"{id} joined {room}");
            adapter.RoomLeft += (room, id) => changes.Add($"{id} left {room}");
            adapter.RoomLeft += (_, _) => throw new InvalidOperationException("of the application");
        });
        var (client, socket) = await server.ConnectSocketAsync();
        var adapter = server.IO.Of("/").Adapter;

        socket.Join("a", "a");
        socket.Leave("nowhere");
        Assert.True(adapter.HasLocalRoom("a"));
        Assert.Equal([socket.Id, "a"], adapter.LocalRooms);
        Assert.Equal([socket.Id, "a"], adapter.FindLocalRooms(socket.Id));
        Assert.Null(adapter.FindLocalRooms("nobody"));
        socket.Leave("a");
        Assert.False(adapter.HasLocalRoom("a"));
        socket.Disconnect();
        await Eventually.HoldsAsync(() => changes.Count == 8);

        Assert.Equal(
            [
                $"created {socket.Id}", $"{socket.Id} joined {socket.Id}", "created a", $"{socket.Id} joined a", $"{socket.Id} left a", "deleted a",
                $"{socket.Id} left {socket.Id}", $"deleted {socket.Id}",
            ],
            changes);
        Assert.Contains(server.Log.AboveDebug, line => line.Contains("rooms of /", StringComparison.Ordinal));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Without_other_servers_nobody_hears_what_is_said_to_them()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnServerSide("e", _ => Assert.Fail("it heard itself")));

        await server.IO.ServerSideEmitAsync("e");

        Assert.True((await server.IO.ServerSideEmitWithAckAsync<int>("e")).IsComplete);
    }

    [Fact]
    public async Task A_broadcast_costs_no_memory_for_each_member()
    {
        const int Count = 1_000;
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxNamespacesPerConnection = 2 * Count);
        var table = new RoomTable(_ => { });
        var (client, socket) = await server.ConnectSocketAsync();
        var members = Enumerable.Range(0, Count).Select(_ => new SocketIOSocket(null!, socket.Namespace, socket.Handshake)).ToArray(); // None of them is ever sent anything.
        foreach (var member in members)
        {
            table.Join(member, member == members[0] ? ["a", "b", "c"] : ["a", "b"], maxCount: 3);
            table.Add(member);
        }

        var few = Measure(["a"], []);
        var union = Measure(["a", "b"], []);
        var except = Measure([], ["c"]);

        Assert.Equal((Count, Count, Count - 1), (few.Count, union.Count, except.Count));
        Assert.All([few, union, except], measured => Assert.InRange(measured.Allocated, 0, Count));
        await client.DisposeAsync();

        (int Count, long Allocated) Measure(string[] rooms, string[] without)
        {
            table.Select(rooms, without).Dispose();
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var selection = table.Select(rooms, without);
            return (selection.Count, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public async Task What_happens_is_counted()
    {
        var totals = new Dictionary<string, long>();
        var thread = 0;
        using var listener = new MeterListener
        {
            // Other servers count as well at the same time. A meter is published on the thread that makes it.
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == SocketIOMetrics.MeterName && Environment.CurrentManagedThreadId == Volatile.Read(ref thread))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (totals)
            {
                var name = instrument.Name["rawws.socketio.".Length..] + string.Concat(tags.ToArray().Select(tag => $" {tag.Value}"));
                totals[name] = totals.GetValueOrDefault(name) + value;
            }
        });
        listener.Start();
        Volatile.Write(ref thread, Environment.CurrentManagedThreadId);
        var starting = SocketIOTestServer.StartAsync(configure: options => options.ConnectionStateRecovery = new());
        Volatile.Write(ref thread, 0);
        await using var server = await starting;
        var (client, socket) = await server.ConnectSocketAsync("""40{"pid":"nobody's"}""");
        await client.SendAsync("42[\"e\"]");
        var asked = socket.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("q");
        await client.ReadAsync();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
        await using var polling = await server.OpenPollingAsync();
        await polling.PostAsync("40");
        await (await server.FindAsync(await polling.PollAsync())).Volatile.EmitAsync("dropped");
        await using var third = await server.OpenWebSocketAsync();
        listener.RecordObservableInstruments();
        Assert.Equal(2, CountOf("sockets"));
        await client.SendAsync("41");
        await Eventually.HoldsAsync(() => CountOf("disconnections ClientNamespaceDisconnect") > 0);

        string[] expected =
        [
            "acks.pending 0", "acks.timed_out 1", "disconnections ClientNamespaceDisconnect 1", "packets.dropped 1", "packets.received Connect 2", "packets.received Disconnect 1",
            "packets.received Event 1", "packets.sent 1", "recoveries False 1", "sessions polling 1", "sessions websocket 2", "sockets 1",
        ];
        lock (totals)
            Assert.Equal(expected, totals.Select(total => $"{total.Key} {total.Value}").Order(StringComparer.Ordinal));

        await client.DisposeAsync();

        long CountOf(string name)
        {
            lock (totals)
            {
                return totals.GetValueOrDefault(name);
            }
        }
    }
}
