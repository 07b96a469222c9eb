using System.Text;
using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Protocol;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>Ends that come at a bad moment: whatever else fails or waits, a socket's end is complete, and nobody else is held up by it.</summary>
public sealed class EndingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_adapter_that_fails_at_once_does_not_hold_up_the_end_of_a_socket()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.Of("/other"), options => (options.ConnectionStateRecovery, options.Adapter) = (new(), nsp => new FailingAdapter(nsp)));
        var (client, socket) = await server.ConnectSocketAsync();
        await client.SendAsync("40/other,");
        var other = await server.FindAsync(await client.ReadAsync());
        var gone = new List<TaskCompletionSource>();
        foreach (var one in new[] { socket, other })
        {
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            one.OnDisconnect(_ => end.SetResult());
            gone.Add(end);
        }

        var question = socket.EmitWithAckAsync("question");
        await client.ReadAsync();
        client.WebSocket.Abort();

        await Assert.ThrowsAsync<SocketDisconnectedException>(() => question.WaitAsync(Long));
        await Task.WhenAll(gone.Select(end => end.Task)).WaitAsync(Long);
        Assert.Empty(server.IO.Of("/other").Sockets);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_sends_does_not_hold_the_lock_of_an_adapter_while_a_client_that_takes_nothing_is_ended()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => (options.ConnectionStateRecovery, options.MaxQueueCount) = (new(), 10));
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        var isOtherSent = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.IO.Of("/").Adapter.RoomDeleted += room =>
        {
            using var sent = new ManualResetEventSlim();
            _ = Task.Run(async () =>
            {
                await server.IO.EmitAsync("other");
                sent.Set();
            });
            isOtherSent.TrySetResult(sent.Wait(Long));
        };

        for (var count = 0; count <= 10; count++)
            await server.IO.EmitAsync("news", count);

        Assert.True(await isOtherSent.Task);
        await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 0);
    }

    [Fact]
    public async Task What_a_socket_that_comes_back_is_sent_meanwhile_has_a_limit()
    {
        await using var returning = await Returning.BeginAsync(static options => options.MaxQueueCount = 10);
        var (server, _, adapter, _) = returning;

        for (var count = 0; count <= 10; count++)
            await adapter.BroadcastAsync(server.IO.Of("/").CreatePacket("news", count), new BroadcastOptions());

        Assert.Equal(0, server.IO.ConnectionCount);
        adapter.Missed.SetResult([]);
        await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 0);
    }

    [Fact]
    public async Task What_may_be_lost_does_not_wait_for_a_socket_that_comes_back()
    {
        await using var returning = await Returning.BeginAsync();
        var (server, client, adapter, _) = returning;

        await adapter.BroadcastAsync(server.IO.Of("/").CreatePacket("lost"), new BroadcastOptions { IsVolatile = true });
        await adapter.BroadcastAsync(server.IO.Of("/").CreatePacket("kept"), new BroadcastOptions());
        adapter.Missed.SetResult([]);

        Assert.Equal("42[\"kept\"]", await client.ReadAsync());
    }

    [Fact]
    public async Task Who_asks_a_socket_that_comes_back_is_told_when_its_connection_goes_first()
    {
        await using var returning = await Returning.BeginAsync();
        var (server, client, adapter, socket) = returning;
        var question = socket.EmitWithAckAsync("question");

        client.WebSocket.Abort();
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0);
        adapter.Missed.SetResult([]);

        await Assert.ThrowsAsync<SocketDisconnectedException>(() => question.WaitAsync(Long));
        Assert.False(socket.IsConnected);
    }

    [Fact]
    public async Task Who_asks_a_socket_that_can_not_come_back_is_told()
    {
        await using var returning = await Returning.BeginAsync();
        var (server, client, adapter, socket) = returning;
        var question = socket.EmitWithAckAsync("question");

        adapter.Missed.SetResult(null);

        await Assert.ThrowsAsync<SocketDisconnectedException>(() => question.WaitAsync(Long));
        Assert.NotEqual(socket.Id, SocketIOClients.Read(await client.ReadAsync()).Id);
        Assert.False(socket.IsConnected);
    }

    [Fact]
    public async Task Who_is_sent_away_while_it_comes_back_does_not_come_back()
    {
        await using var returning = await Returning.BeginAsync();
        var (server, client, adapter, socket) = returning;

        await server.IO.In(socket.Id).DisconnectSocketsAsync();
        adapter.Missed.SetResult([]);

        Assert.Equal("41", await client.ReadAsync());
        Assert.False(socket.IsConnected);
        Assert.Empty(server.IO.Sockets);
        await client.SendAsync("40");
        Assert.NotEqual(socket.Id, SocketIOClients.Read(await client.ReadAsync()).Id);
    }

    [Fact]
    public async Task Who_is_sent_away_with_its_connection_while_it_comes_back_is_not_kept()
    {
        await using var returning = await Returning.BeginAsync();
        var (server, client, adapter, socket) = returning;

        await server.IO.In(socket.Id).DisconnectSocketsAsync(close: true);
        Assert.Equal("close 1000", await client.ReadAsync());
        adapter.Missed.SetResult([]);

        await Eventually.HoldsAsync(() => !socket.IsConnected);
        Assert.Empty(server.IO.Sockets);
        Assert.Equal(0, adapter.KeptCount);
    }

    [Fact]
    public async Task A_socket_that_has_gone_does_nothing_in_the_name_of_who_it_has_become()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.ConnectionStateRecovery = new());
        var (client, former) = await server.ConnectSocketAsync();
        var pid = SocketIOClients.Read(client.LastMessage).PrivateId;
        former.Join("room");
        client.WebSocket.Abort();
        await client.DisposeAsync();
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0 && former.Rooms.Count == 0);
        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");
        var socket = await server.FindAsync(await again.ReadAsync());
        Assert.Equal((former.Id, true), (socket.Id, socket.IsRecovered));

        former.Join("late");
        former.Leave("room");

        Assert.Empty(former.Rooms);
        Assert.False(server.IO.Of("/").Adapter.HasLocalRoom("late"));
        Assert.Equal([socket.Id, "room"], socket.Rooms);
    }

    [Fact]
    public async Task The_end_of_a_socket_does_not_end_the_one_it_has_become()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, first) = await server.ConnectSocketAsync();
        var table = new RoomTable(_ => { });
        var session = new StoredSession(first.Id, "p", ["room"], new SocketData(), null);
        var (former, socket) = (new SocketIOSocket(null!, first.Namespace, first.Handshake, session), new SocketIOSocket(null!, first.Namespace, first.Handshake, session));
        table.Join(former, ["other"], maxCount: 10);
        table.Add(former);
        table.Add(socket);

        table.Remove(former);

        Assert.Equal([socket], table.All);
        Assert.Equal((true, false), (table.Contains("room"), table.Contains("other")));
        table.Remove(socket);
        Assert.Empty(table.Names());
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_ends_before_it_begins_is_told_to_its_client_as_an_end(bool isPolling)
    {
        var client = new RecordingClient();
        var options = OptionsWith(new ManualTimeProvider());
        using var session = new EngineSession(options, "id", new PacketFormat(), _ => { });

        session.End(DisconnectReason.ServerShuttingDown);
        if (isPolling)
            session.BeginPolling(client);
        else
            await session.RunAsync(null!, client); // It is not looked at any more.

        Assert.Equal(["Close ServerShuttingDown"], client.Calls);
        Assert.Equal(0, options.Detached.Value);
    }

    [Fact]
    public async Task A_heartbeat_that_was_overtaken_by_the_end_of_a_session_does_not_take_its_last_words()
    {
        var time = new OvertakenTimeProvider();
        using var session = new EngineSession(OptionsWith(time), "id", new PacketFormat(), _ => { });
        session.BeginPolling(new RecordingClient());
        session.Send(EncodedPacket.Control(EnginePacketType.Noop));
        session.Close(DisconnectReason.ServerNamespaceDisconnect);

        time.Fire();

        foreach (var words in (string[])["6", "1"])
            Assert.Equal(words, Encoding.ASCII.GetString((await session.PollAsync(TestContext.Current.CancellationToken)).Body.Bytes.Span));
    }

    private static EngineOptions OptionsWith(TimeProvider time) => new()
    {
        TimeProvider = time,
        PingInterval = Long,
        PingTimeout = Long,
        UpgradeTimeout = Long,
        MaxPayload = 100,
        MaxQueueCount = 1,
        MaxQueueSize = 100,
        MayUpgrade = false,
        InitialPacket = null,
    };

    /// <summary>A clock whose only timer fires when it is armed anew already, as one does that has waited for a lock.</summary>
    private sealed class OvertakenTimeProvider : TimeProvider
    {
        private readonly ManualTimeProvider _time = new();

        public Action Fire { get; private set; } = static () => { };

        public override long TimestampFrequency => _time.TimestampFrequency;

        public override long GetTimestamp() => _time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fire = () => callback(state);
            return _time.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class RecordingClient : IEngineClient
    {
        public List<string> Calls { get; } = [];

        public void Open() => Calls.Add("Open");

        public ValueTask ReceiveAsync(ReadOnlyMemory<byte> data, bool isBinary) => default;

        public void Close(DisconnectReason reason) => Calls.Add($"Close {reason}");
    }

    /// <summary>An adapter that has no room for one more session, and says so before there is a task.</summary>
    private sealed class FailingAdapter(SocketIONamespace nsp) : SocketIOAdapter(nsp)
    {
        public override Task PersistSessionAsync(StoredSession session) => throw new InvalidOperationException("There is no room.");
    }

    /// <summary>A client that comes back: it waits for what it has missed.</summary>
    private sealed record Returning(SocketIOTestServer Server, EngineClient Client, HoldingAdapter Adapter, SocketIOSocket Socket) : IAsyncDisposable
    {
        public static async Task<Returning> BeginAsync(Action<SocketIOServerOptions>? configure = null)
        {
            HoldingAdapter? adapter = null;
            var server = await SocketIOTestServer.StartAsync(configure: options =>
            {
                (options.ConnectionStateRecovery, options.Adapter) = (new(), nsp => adapter = new HoldingAdapter(nsp));
                configure?.Invoke(options);
            });
            var client = await server.OpenWebSocketAsync();
            await client.SendAsync("""40{"pid":"p"}""");
            await adapter!.IsReading.Task.WaitAsync(Long);
            return new Returning(server, client, adapter, Assert.Single(server.IO.Sockets));
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Server.DisposeAsync();
        }
    }

    /// <summary>An adapter that knows everybody, and takes its time to say what they have missed.</summary>
    private sealed class HoldingAdapter(SocketIONamespace nsp) : SocketIOAdapter(nsp)
    {
        public TaskCompletionSource IsReading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<IReadOnlyList<SocketIOPacket>?> Missed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int KeptCount { get; private set; }

        public override Task PersistSessionAsync(StoredSession session)
        {
            KeptCount++;
            return Task.CompletedTask;
        }

        public override Task<StoredSession?> RestoreSessionAsync(string privateId, string? offset)
            => Task.FromResult<StoredSession?>(new StoredSession("former-id", privateId, [], new SocketData(Namespace.CreateValue("{}"u8.ToArray())), null));

        public override Task<IReadOnlyList<SocketIOPacket>?> ReadMissedAsync(StoredSession session, string? offset)
        {
            IsReading.TrySetResult();
            return Missed.Task;
        }
    }
}
