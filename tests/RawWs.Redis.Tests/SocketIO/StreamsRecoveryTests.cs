using System.Text.Json;
using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Clients that lose their connection to one server and come back to another one, of ours or of Node.</summary>
public sealed class StreamsRecoveryTests : IAsyncLifetime
{
    private RedisRig _rig = null!;
    private ClusterServer _one = null!, _two = null!;

    // A Redis that knows after it was killed what it had answered to. With everysec, the default, it answers before it writes for as long as the disk takes its time over what was written before.
    public async ValueTask InitializeAsync()
    {
        _rig = await RedisRig.StartAsync("--appendonly", "yes", "--appendfsync", "no");
        (_one, _two) = (await StartAsync(), await StartAsync());
        await _one.WaitForServersAsync(2);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in new IAsyncDisposable?[] { _one, _two, _rig })
        {
            if (started is not null)
                await started.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Who_comes_back_to_another_server_is_who_it_was_and_has_missed_nothing(bool fromNode, bool toNode)
    {
        await using var node = await NodeServer.StartAsync(_rig.Network.Address, AdapterKind.Streams, recovers: true);
        await _one.WaitForServersAsync(3);
        await ClusterServer.WaitForReadersAsync(_rig, 3);
        var port = (await node.EvaluateAsync("return port")).GetInt32();
        var (id, pid, offset) = fromNode ? await LeaveNodeAsync(node, port) : await LeaveAsync(_one);
        await WaitForSessionAsync(pid);

        await _two.IO.EmitAsync("a", 1);
        await SayInNodeAsync(node, """io.to("room").emit("b", Buffer.from([1]))""");
        await _two.IO.To("elsewhere").EmitAsync("not there");
        await SayInNodeAsync(node, """io.except("room").emit("excepted")""");
        await _two.IO.To(id).EmitAsync("own room");

        var auth = $$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""";
        if (toNode)
        {
            await using var again = await NodeClient.OpenAsync(port);
            await again.SendAsync(auth);
            await AssertMissedAsync(again.ReadAsync, id, pid);
            var known = await node.EvaluateAsync($"const known = io.sockets.sockets.get('{id}'); return [known.recovered, known.data.name, known.rooms.has('room')]");
            Assert.Equal("""[true,"Ada",true]""", known.GetRawText());
            await _two.IO.To("room").EmitAsync("now");
            OffsetOf(await again.ReadAsync(), """["now",""");
        }
        else
        {
            await using var again = await _two.Server.OpenWebSocketAsync();
            await again.SendAsync(auth);
            await AssertMissedAsync(again.ReadAsync, id, pid);
            var known = _two.IO.Sockets.Single();
            Assert.Equal((true, "Ada", true), (known.IsRecovered, known.Data.Get<string>("name"), known.Rooms.Contains("room")));
            await SayInNodeAsync(node, """io.to("room").emit("now")""");
            OffsetOf(await again.ReadAsync(), """["now",""");
        }
    }

    [Fact]
    public async Task Whose_server_stops_in_good_order_comes_back_to_another_one()
    {
        await using var three = await StartAsync();
        await _one.WaitForServersAsync(3);
        var (client, socket) = await three.Server.ConnectSocketAsync();
        var pid = PrivateIdOf(client);
        await socket.EmitAsync("hello");
        var offset = OffsetOf(await client.ReadAsync(), """["hello",""");
        await three.IO.CloseAsync();
        await client.DisposeAsync();
        await _one.IO.EmitAsync("missed");

        await using var again = await _two.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");

        OffsetOf(await again.ReadAsync(), """["missed",""");
        Assert.Equal($$"""40{"sid":"{{socket.Id}}","pid":"{{pid}}"}""", await again.ReadAsync());
    }

    [Fact]
    public async Task Who_has_seen_no_event_comes_back_to_another_server_of_ours_without_an_offset()
    {
        var (other, otherSocket) = await _one.Server.ConnectSocketAsync();
        await _one.IO.EmitAsync("before it came");
        await LoseAsync(other, otherSocket);
        var (client, socket) = await _one.Server.ConnectSocketAsync();
        var pid = PrivateIdOf(client);
        await LoseAsync(client, socket);
        await WaitForSessionAsync(pid);
        await _one.IO.EmitAsync("missed");

        await using var again = await _two.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");

        OffsetOf(await again.ReadAsync(), """["missed",""");
        Assert.Equal($$"""40{"sid":"{{socket.Id}}","pid":"{{pid}}"}""", await again.ReadAsync());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("1-")]
    [InlineData("0-0")]
    [InlineData("99999999999999999999-1")]
    [InlineData("1795164421492-0")]
    public async Task Who_names_a_place_that_is_not_in_the_stream_begins_anew(string offset)
    {
        var (id, pid, _) = await LeaveAsync(_one);
        await WaitForSessionAsync(pid);

        await using var again = await _two.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");

        Assert.NotEqual(id, SocketIOClients.Read(await again.ReadAsync()).Id);
    }

    [Fact]
    public async Task Who_was_let_into_one_namespace_can_not_come_back_to_another()
    {
        _two.IO.Of("/admin").Use(static _ => throw new ConnectErrorException("not you"));
        var (_, pid, offset) = await LeaveAsync(_one);
        await WaitForSessionAsync(pid);

        await using var again = await _two.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40/admin,{"pid":"{{pid}}","offset":"{{offset}}"}""");

        Assert.Equal("""44/admin,{"message":"not you"}""", await again.ReadAsync());
    }

    [Fact]
    public async Task What_was_trimmed_can_not_be_missed_unnoticed()
    {
        var (id, pid, offset) = await LeaveAsync(_one);
        await WaitForSessionAsync(pid);
        await _one.IO.EmitAsync("missed");
        await _rig.Server.ExecuteAsync("XTRIM", "socket.io", "MAXLEN", "0");

        await using var again = await _two.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");

        Assert.NotEqual(id, SocketIOClients.Read(await again.ReadAsync()).Id);
    }

    [Fact]
    public async Task Who_has_missed_more_than_Redis_may_answer_at_once_is_sent_it_and_ends_no_connection()
    {
        await using var three = await ClusterServer.StartAsync(await _rig.ConnectAsync(static options => options.MaxReplySize = 64 << 10), AdapterKind.Streams, Recovers);
        await _one.WaitForServersAsync(3);
        var (id, pid, offset) = await LeaveAsync(_one);
        await WaitForSessionAsync(pid);
        for (var number = 0; number < 10; number++)
            await three.IO.EmitAsync("e", number, new string('x', 10_000));

        await using var again = await three.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");

        for (var number = 0; number < 10; number++)
            OffsetOf(await again.ReadAsync(), $"""["e",{number},"x""");

        Assert.Equal(id, SocketIOClients.Read(await again.ReadAsync()).Id);
        Assert.Null(three.Client.LastFailure);
    }

    [Fact]
    public async Task Nobody_misses_or_mixes_up_what_several_servers_say_at_once()
    {
        const int Count = 200;
        var (id, pid, offset) = await LeaveAsync(_one);
        await WaitForSessionAsync(pid);
        var saying = Task.WhenAll(SayAsync(_one), SayAsync(_two));

        // It comes back in the midst of it.
        await using var again = await _two.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");
        var heard = new List<string>();
        var last = offset;
        while (heard.Count < 2 * Count)
        {
            var message = await again.ReadAsync();
            if (message.StartsWith("40", StringComparison.Ordinal))
            {
                Assert.Equal(id, SocketIOClients.Read(message).Id);
                continue;
            }

            var values = JsonDocument.Parse(message.AsMemory(2)).RootElement;
            var place = values[2].GetString()!; // It has one.
            Assert.True(RedisStreamEntry.CompareIds(place, last) > 0, $"{place} is not behind {last}.");
            heard.Add(values[1].GetString()!); // It is what was said.
            last = place;
        }

        await saying;
        foreach (var (server, name) in new[] { (_one, "one"), (_two, "two") })
        {
            Assert.NotNull(server);
            Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{name} {number}"), heard.Where(said => said.StartsWith(name, StringComparison.Ordinal)));
        }

        async Task SayAsync(ClusterServer server)
        {
            var name = server == _one ? "one" : "two";
            for (var number = 0; number < Count; number++)
                await server.IO.EmitAsync("e", $"{name} {number}");
        }
    }

    [Fact]
    public async Task A_client_that_comes_back_has_missed_nothing_of_what_was_said_while_Redis_was_killed()
    {
        var (listener, _) = await _two.Server.ConnectSocketAsync();
        await using var hearing = listener;
        var (id, pid, offset) = await LeaveAsync(_one);
        await WaitForSessionAsync(pid);

        // This one loses its connection while there is no Redis to keep its session.
        var (lateClient, lateSocket) = await _one.Server.ConnectSocketAsync();
        var latePid = PrivateIdOf(lateClient);
        await lateSocket.EmitAsync("hello");
        var lateOffset = OffsetOf(await lateClient.ReadAsync(), """["hello",""");

        using var stopping = new CancellationTokenSource();
        var said = 0;
        var saying = SayAsync();
        await HearAsync(20);
        await _rig.Server.KillAsync();
        await HearAsync(20);
        await LoseAsync(lateClient, lateSocket);
        await HearAsync(20);
        await _rig.Server.StartAgainAsync();
        await WaitForSessionAsync(latePid);
        await HearAsync(20);
        await stopping.CancelAsync();
        var count = await saying;

        // When this comes, everything before it is in the stream.
        await Eventually.HoldsAsync(() => _one.Redis.IsConnected && _two.Redis.IsConnected);
        await _two.IO.To(id, lateSocket.Id).EmitAsync("end");

        Assert.Equal(count, await CountMissedAsync(id, pid, offset));
        Assert.Equal(count, await CountMissedAsync(lateSocket.Id, latePid, lateOffset));

        // The load: each message when the client of this server has heard the one before, with and without Redis.
        async Task<int> SayAsync()
        {
            for (var number = 0; !stopping.IsCancellationRequested; number++)
            {
                await _two.IO.EmitAsync("e", number);
                Assert.StartsWith($"42[\"e\",{number}", await hearing.ReadAsync(), StringComparison.Ordinal);
                Volatile.Write(ref said, 1 + number);

                // Not so many that the stream would be too short for them.
                await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None);
            }

            return said;
        }

        Task HearAsync(int more)
        {
            var enough = Volatile.Read(ref said) + more;
            return Eventually.HoldsAsync(() => saying.IsCompleted || Volatile.Read(ref said) >= enough);
        }
    }

    private static Action<SocketIOServerOptions> Recovers => static options => options.ConnectionStateRecovery = new();

    // In order, and each once; those who come back then hear the end.
    private async Task<int> CountMissedAsync(string id, string pid, string offset)
    {
        await using var again = await _one.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");
        var (next, isConnected, isOver) = (0, false, false);
        while (!isConnected || !isOver)
        {
            var message = await again.ReadAsync();
            if (message.StartsWith("40", StringComparison.Ordinal))
            {
                Assert.Equal(id, SocketIOClients.Read(message).Id);
                isConnected = true;
            }
            else if (message.StartsWith("42[\"end\"", StringComparison.Ordinal))
            {
                isOver = true;
            }
            else if (message.StartsWith("42[\"e\"", StringComparison.Ordinal))
            {
                Assert.StartsWith($"42[\"e\",{next++},", message, StringComparison.Ordinal);
            }
        }

        return next;
    }

    private Task<ClusterServer> StartAsync() => ClusterServer.StartAsync(_rig, AdapterKind.Streams, Recovers);

    private static async Task<(string Id, string PrivateId, string Offset)> LeaveAsync(ClusterServer server)
    {
        var (client, socket) = await server.Server.ConnectSocketAsync();
        var pid = PrivateIdOf(client);
        socket.Join("room");
        socket.Data["name"] = "Ada";
        await socket.EmitAsync("hello", "x");
        var offset = OffsetOf(await client.ReadAsync(), """["hello","x",""");
        await LoseAsync(client, socket);
        return (socket.Id, pid, offset);
    }

    private static async Task<(string Id, string PrivateId, string Offset)> LeaveNodeAsync(NodeServer node, int port)
    {
        string id, offset;
        string? pid;
        await using (var client = await NodeClient.OpenAsync(port))
        {
            await client.SendAsync("40");
            (_, id, pid) = SocketIOClients.Read(await client.ReadAsync());
            await node.EvaluateAsync($"const there = io.sockets.sockets.get('{id}'); there.join('room'); there.data.name = 'Ada'; there.emit('hello', 'x')");
            offset = OffsetOf(await client.ReadAsync(), """["hello","x",""");
        }

        return (id, pid!, offset); // It recovers connections.
    }

    // The reply to the client was the last that was read.
    private static string PrivateIdOf(EngineClient client) => SocketIOClients.Read(client.LastMessage).PrivateId!; // It recovers connections.

    private static async Task LoseAsync(EngineClient client, SocketIOSocket socket)
    {
        client.WebSocket.Abort();
        await Eventually.HoldsAsync(() => !socket.IsConnected);
        await client.DisposeAsync();
    }

    // What was said is in the stream when this returns.
    private static async Task SayInNodeAsync(NodeServer node, string code)
        => await node.EvaluateAsync($"const before = await publishing.xLen('socket.io'); {code}; await until(async () => (await publishing.xLen('socket.io')) > before)");

    private async Task WaitForSessionAsync(string pid)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await _rig.Server.ExecuteAsync("EXISTS", "sio:session:" + pid)).ToInteger() != 1)
            deadline.Token.ThrowIfCancellationRequested();
    }

    private async Task AssertMissedAsync(Func<Task<string>> readAsync, string id, string pid)
    {
        OffsetOf(await readAsync(), """["a",1,""");
        Assert.StartsWith("""451-["b",{"_placeholder":true,"num":0},""", await readAsync(), StringComparison.Ordinal);
        Assert.Equal("#01", await readAsync());
        OffsetOf(await readAsync(), """["own room",""");
        Assert.Equal($$"""40{"sid":"{{id}}","pid":"{{pid}}"}""", await readAsync());

        // Nobody else finds the session.
        Assert.Equal(0, (await _rig.Server.ExecuteAsync("EXISTS", "sio:session:" + pid)).ToInteger());
    }

    private static string OffsetOf(string message, string begin)
    {
        Assert.StartsWith("42" + begin, message, StringComparison.Ordinal);
        return JsonDocument.Parse(message.AsMemory(2)).RootElement.EnumerateArray().Last().GetString()!; // The beginning is that of an array with more behind it.
    }
}
