using RawWs.Testing;

namespace RawWs.Tests.Diagnostics;

public sealed class MetricsTests
{
    [Fact]
    public async Task A_connections_life_is_counted_from_its_handshake_to_its_close_codes()
    {
        using var meter = new MeterRecorder();
        await using var server = await meter.StartAsync(() => TestServer.StartAsync());
        await using var client = await server.OpenAsync();
        Assert.Equal(1, meter.Sum("rawws.connections.active"));

        await client.SendAsync(WireFrame.MaskedText("Hello"));
        await client.ReadFrameAsync();
        await client.SendAsync(WireFrame.Masked(0x89, "12"u8.ToArray()));
        await client.ReadFrameAsync();
        server.Time.Advance(TimeSpan.FromSeconds(3));
        await client.SendAsync(WireFrame.MaskedClose(4321));
        await client.ReadToEndAsync();
        client.EndSending();
        await Eventually.HoldsAsync(() => meter.Sum("rawws.connections.closed") == 1);

        Assert.Equal(0, meter.Sum("rawws.connections.active"));
        Assert.Equal(1, meter.Sum("rawws.connections.opened"));
        Assert.Equal(1, meter.Sum("rawws.connections.closed", ("rawws.close.initiator", "remote"), ("rawws.close.code.received", "4xxx"), ("rawws.close.code.sent", "4xxx")));
        Assert.Equal(3, meter.Sum("rawws.connection.duration"));
        Assert.Equal(1, meter.Sum("rawws.handshakes", ("http.response.status_code", "101")));
        Assert.Equal(1, meter.Count("rawws.handshake.duration"));
        foreach (var direction in (string[])["receive", "transmit"])
        {
            Assert.Equal(1, meter.Sum("rawws.messages", ("network.io.direction", direction), ("rawws.message.type", "text")));
            Assert.Equal(1, meter.Sum("rawws.frames", ("network.io.direction", direction), ("rawws.frame.opcode", "text")));
            Assert.Equal(5, meter.Sum("rawws.frame.payload", ("network.io.direction", direction), ("rawws.frame.opcode", "text")));
            Assert.Equal(1, meter.Sum("rawws.frames", ("network.io.direction", direction), ("rawws.frame.opcode", "close")));
        }

        Assert.Equal(1, meter.Sum("rawws.frames", ("network.io.direction", "receive"), ("rawws.frame.opcode", "ping")));
        Assert.Equal(2, meter.Sum("rawws.frame.payload", ("network.io.direction", "transmit"), ("rawws.frame.opcode", "pong")));
        Assert.Equal(1, meter.Sum("rawws.messages.published"));
        Assert.Equal(0, meter.Sum("rawws.messages.dropped"));
    }

    [Fact]
    public async Task A_server_that_can_not_be_made_leaves_nothing_behind_that_is_asked()
    {
        using var meter = new MeterRecorder();

        var error = await meter.StartAsync(() => Task.FromResult(Record.Exception(() => new WebSocketServer(new() { Tls = new() { Certificates = [] } }))));

        Assert.IsType<ArgumentException>(error);
        Assert.All(meter.Instruments, instrument => Assert.Equal(0, meter.Count(instrument.Name)));
    }

    [Fact]
    public async Task A_server_that_has_gone_is_not_asked_any_more()
    {
        using var meter = new MeterRecorder();
        var server = await meter.StartAsync(() => TestServer.StartAsync());
        string[] observable = [.. meter.Instruments.Where(static instrument => instrument.IsObservable).Select(static instrument => instrument.Name)];
        Assert.Contains(observable, name => meter.Count(name) > 0);

        await server.DisposeAsync();

        Assert.DoesNotContain(observable, name => meter.Count(name) > 0);
    }

    [Fact]
    public async Task Messages_are_counted_from_the_start_whoever_comes_late()
    {
        using var meter = new MeterRecorder(listensAtOnce: false);
        await using var server = await meter.StartAsync(() => TestServer.StartAsync());
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        await client.ReadFrameAsync();

        meter.Listen();

        Assert.Equal(0, meter.Sum("rawws.connections.opened"));
        Assert.Equal(1, meter.Sum("rawws.messages", ("network.io.direction", "receive"), ("rawws.message.type", "text")));
        await Eventually.HoldsAsync(() => meter.Sum("rawws.messages", ("network.io.direction", "transmit"), ("rawws.message.type", "text")) == 1);
        Assert.Equal(1, meter.Sum("rawws.messages.published"));
        Assert.Equal(2, meter.Count("rawws.frames"));
    }

    [Fact]
    public async Task A_message_in_fragments_is_one_message_and_its_frames()
    {
        using var meter = new MeterRecorder();
        await using var server = await meter.StartAsync(() => TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            await connection.ReceiveAsync(cancellationToken);
            await using var stream = await connection.ReceiveStreamAsync(cancellationToken);
            await stream!.CopyToAsync(Stream.Null, cancellationToken);
            await connection.SendAsync("done", cancellationToken: cancellationToken);
            await connection.ReceiveAsync(cancellationToken);
        }));
        await using var client = await server.OpenAsync();
        foreach (var payload in (byte[][])[[1, 2, 3], [4]])
        {
            await client.SendAsync(WireFrame.Masked(0x02, payload));
            await client.SendAsync(WireFrame.Masked(0x89, []));
            await client.SendAsync(WireFrame.Masked(0x80, [5]));
        }

        for (var answer = await client.ReadFrameAsync(); answer.Text != "done";)
            answer = await client.ReadFrameAsync();

        Assert.Equal(2, meter.Sum("rawws.messages", ("network.io.direction", "receive"), ("rawws.message.type", "binary")));
        Assert.Equal((2, 2, 2), (FramesOf("binary"), FramesOf("continuation"), FramesOf("ping")));
        Assert.Equal(6, meter.Sum("rawws.frame.payload", ("network.io.direction", "receive")));

        double FramesOf(string opcode) => meter.Sum("rawws.frames", ("network.io.direction", "receive"), ("rawws.frame.opcode", opcode));
    }

    [Fact]
    public async Task A_frame_that_is_no_valid_text_is_counted_and_no_message()
    {
        using var meter = new MeterRecorder();
        await using var server = await meter.StartAsync(() => TestServer.StartAsync());
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.Masked(0x81, [.. "Hello"u8, 0xFF]));
        Assert.Equal(1007, (await client.ReadFrameAsync()).CloseCode);

        Assert.Equal(0, meter.Sum("rawws.messages"));
        Assert.Equal(1, meter.Sum("rawws.frames", ("network.io.direction", "receive"), ("rawws.frame.opcode", "text")));
        Assert.Equal(6, meter.Sum("rawws.frame.payload", ("network.io.direction", "receive")));
    }

    [Fact]
    public async Task The_time_to_a_pong_is_recorded()
    {
        using var meter = new MeterRecorder();
        await using var server = await meter.StartAsync(() => TestServer.StartAsync());
        await using var client = await server.OpenAsync();
        server.Time.Advance(TimeSpan.FromSeconds(21));
        var ping = await client.ReadFrameAsync();
        server.Time.Advance(TimeSpan.FromSeconds(2));
        await client.SendAsync(WireFrame.Masked(0x8A, ping.Payload));
        await Eventually.HoldsAsync(() => meter.Count("rawws.ping.round_trip") == 1);

        // The ping itself went out when the wheel next turned.
        Assert.InRange(meter.Sum("rawws.ping.round_trip"), 2, 3);
    }

    [Fact]
    public async Task What_waits_for_a_slow_reader_can_be_asked_for()
    {
        var session = new TaskCompletionSource<WebSocketConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var meter = new MeterRecorder();
        await using var server = await meter.StartAsync(() => TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            session.SetResult(connection);
            await connection.ReceiveAsync(cancellationToken);
        }));
        await using var client = await server.OpenAsync(capacity: 1);
        var connection = await session.Task;

        foreach (var text in (string[])["one", "two", "three"])
            connection.Send(text);

        Assert.Equal((1, 3), (meter.Sum("rawws.send_queue.connections"), meter.Sum("rawws.send_queue.messages")));
        Assert.Equal("one".Length + "two".Length + "three".Length + (3 * 2), meter.Sum("rawws.send_queue.size"));

        for (var i = 0; i < 3; i++)
            await client.ReadFrameAsync();

        await connection.WaitForDrainAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (meter.Sum("rawws.send_queue.connections"), meter.Sum("rawws.send_queue.size")));
        Assert.Equal(3, meter.Sum("rawws.messages", ("network.io.direction", "transmit")));
    }

    [Fact]
    public async Task A_broadcast_and_its_room_are_counted()
    {
        using var meter = new MeterRecorder();
        WebSocketServer? rooms = null;
        await using var server = await meter.StartAsync(() => TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            rooms!.Rooms["lobby"].Join(connection);
            await connection.ReceiveAsync(cancellationToken);
        }));
        rooms = server.Server;
        await using var alice = await server.OpenAsync();
        await using var bob = await server.OpenAsync();
        await Eventually.HoldsAsync(() => rooms.Rooms["lobby"].Count == 2);
        Assert.Equal((1, 2), (meter.Sum("rawws.rooms"), meter.Sum("rawws.room.memberships")));

        rooms.Rooms["lobby"].Broadcast("hello");

        Assert.Equal((2, 1), (meter.Sum("rawws.broadcast.recipients"), meter.Count("rawws.broadcast.recipients")));
        Assert.Equal(2, meter.Sum("rawws.messages.published"));
        alice.Abort();
        bob.Abort();
        await Eventually.HoldsAsync(() => meter.Sum("rawws.rooms") == 0 && meter.Sum("rawws.room.memberships") == 0);
    }

    [Fact]
    public async Task Connections_are_told_by_their_state()
    {
        var ending = new TaskCompletionSource();
        using var meter = new MeterRecorder();
        await using var server = await meter.StartAsync(() => TestServer.StartAsync(
            (_, _) => ending.Task,
            options => (options.MaxConnections, options.KeepAliveInterval) = (2, Timeout.InfiniteTimeSpan)));
        Assert.Equal((0, 0, 0, 0), States());

        // One that asks for nothing yet, one that is open, and one that there is no room for and that does not go.
        await using var silent = server.Connect();
        await Eventually.HoldsAsync(() => States() == (1, 0, 0, 0));
        await using var open = await server.OpenAsync();
        await Eventually.HoldsAsync(() => States() == (1, 1, 0, 0));
        await using var refused = server.Connect();
        Assert.StartsWith("HTTP/1.1 503 ", await refused.ReadHeadAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => States() == (1, 1, 0, 1));

        // Its session has ended, and its peer has not answered the close frame.
        ending.SetResult();
        Assert.Equal(1000, (await open.ReadFrameAsync()).CloseCode);
        await Eventually.HoldsAsync(() => States() == (1, 0, 1, 1));
        await open.SendAsync(WireFrame.MaskedClose(1000));
        open.EndSending();
        await Eventually.HoldsAsync(() => States() == (1, 0, 0, 1));

        (double, double, double, double) States() => (Of("handshake"), Of("open"), Of("closing"), Of("refused"));
        double Of(string state) => meter.Sum("rawws.connections.current", ("rawws.connection.state", state));
    }

    [Fact]
    public async Task Every_instrument_is_explained_in_the_operations_guide()
    {
        using var meter = new MeterRecorder();
        await using var server = await meter.StartAsync(() => TestServer.StartAsync());
        var guide = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "operations.md"), TestContext.Current.CancellationToken);

        Assert.NotEmpty(meter.Instruments);
        Assert.All(meter.Instruments, instrument =>
        {
            Assert.Contains($"`{instrument.Name}`", guide, StringComparison.Ordinal);
            Assert.Matches("^rawws(\\.[a-z_]+)+$", instrument.Name);
            Assert.False(string.IsNullOrEmpty(instrument.Unit));
            Assert.False(string.IsNullOrEmpty(instrument.Description));
        });
    }
}
