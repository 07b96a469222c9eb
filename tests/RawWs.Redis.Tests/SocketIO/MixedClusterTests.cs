using System.Text.Json;
using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Two servers of ours and one of Node, with a client each: whatever one does reaches the clients of all. The same with every adapter.</summary>
public abstract class MixedClusterTests(AdapterKind kind) : IAsyncLifetime
{
    private protected const string Unusual = "ünï [*] ☃#7";

    private RedisRig _rig = null!;
    private ClusterServer _one = null!, _two = null!;
    private NodeServer _node = null!;
    private EngineClient _client1 = null!, _client2 = null!;
    private SocketIOSocket _socket1 = null!, _socket2 = null!;

    private protected RedisRig Rig => _rig;

    private protected ClusterServer One => _one;

    private protected NodeServer Node => _node;

    private protected IReadOnlyList<EngineClient> Clients => [_client1, _client2];

    private protected IReadOnlyList<SocketIOSocket> Sockets => [_socket1, _socket2];

    public async ValueTask InitializeAsync()
    {
        _rig = await RedisRig.StartAsync();
        try
        {
            _node = await NodeServer.StartAsync(_rig.Network.Address, kind);
            (_one, _two) = (await ClusterServer.StartAsync(_rig, kind), await ClusterServer.StartAsync(_rig, kind));
            (_client1, _socket1) = await _one.Server.ConnectSocketAsync("""40{"name":"one"}""");
            (_client2, _socket2) = await _two.Server.ConnectSocketAsync("""40{"name":"two"}""");
            _socket1.Join("room", "first");
            _socket2.Join("room", "second", Unusual);
            await _node.EvaluateAsync($"socket.join(['room', 'third', '{Unusual}'])");
            await _one.WaitForServersAsync(3);
            await WaitForRoomsAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var started in new IAsyncDisposable?[] { _client1, _client2, _one, _two, _node, _rig })
        {
            if (started is not null)
                await started.DisposeAsync();
        }
    }

    /// <summary>Waits until what is for a room that sockets have just joined is heard.</summary>
    private protected virtual Task WaitForRoomsAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broadcast_reaches_all_with_its_binary_values(bool fromNode)
    {
        if (fromNode)
        {
            await _node.EvaluateAsync($$"""
                io.to("room").emit("e", 1.5, { a: Buffer.from([1, 2]) }, "é", null, -70000, Buffer.from([3]));
                io.to("first").to("third").to("second").except("second").emit("not second");
                io.to("{{Unusual}}").emit("unusual");
                io.emit("end");
                """);
        }
        else
        {
            await _one.IO.To("room").EmitAsync("e", 1.5, new { a = new byte[] { 1, 2 } }, "é", null, -70000, (byte[])[3]);
            await _one.IO.To("first", "third", "second").Except("second").EmitAsync("not second");
            await _one.IO.To(Unusual).EmitAsync("unusual");
            await _one.IO.EmitAsync("end");
        }

        const string Event = """452-["e",1.5,{"a":{"_placeholder":true,"num":0}},"é",null,-70000,{"_placeholder":true,"num":1}]""";
        Assert.Equal([Event, "#0102", "#03", "42[\"not second\"]", "42[\"end\"]"], await ReadAsync(_client1, 5));
        Assert.Equal([Event, "#0102", "#03", "42[\"unusual\"]", "42[\"end\"]"], await ReadAsync(_client2, 5));
        Assert.Equal(
            """[["e",1.5,{"a":{"type":"Buffer","data":[1,2]}},"é",null,-70000,{"type":"Buffer","data":[3]}],["not second"],["unusual"],["end"]]""",
            (await _node.EvaluateAsync("return await take(4)")).GetRawText());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_keeps_to_itself_what_is_local(bool fromNode)
    {
        if (fromNode)
        {
            await _node.EvaluateAsync("""io.local.emit("local"); io.emit("end");""");
        }
        else
        {
            await _one.IO.Everybody.Local.EmitAsync("local");
            await _one.IO.EmitAsync("end");
        }

        Assert.Equal(fromNode ? ["42[\"end\"]"] : ["42[\"local\"]", "42[\"end\"]"], await ReadAsync(_client1, fromNode ? 1 : 2));
        Assert.Equal("42[\"end\"]", await _client2.ReadAsync());
        Assert.Equal(fromNode ? """[["local"],["end"]]""" : """[["end"]]""", (await _node.EvaluateAsync($"return await take({(fromNode ? 2 : 1)})")).GetRawText());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clients_of_all_servers_answer(bool fromNode)
    {
        var asked = fromNode ? AskFromNodeAsync() : AskAsync();
        Assert.Equal(["451-0[\"q\",{\"_placeholder\":true,\"num\":0}]", "#09"], await ReadAsync(_client1, 2));
        Assert.Equal(["451-0[\"q\",{\"_placeholder\":true,\"num\":0}]", "#09"], await ReadAsync(_client2, 2));
        await _client1.SendAsync("430[1]");
        await _client2.SendAsync("430[{\"a\":2},\"more\"]");

        Assert.Equal(["\"node\"", "1", "{\"a\":2}"], (await asked).Select(value => value.GetRawText()).Order(StringComparer.Ordinal));

        async Task<IEnumerable<JsonElement>> AskFromNodeAsync()
            => (await _node.EvaluateAsync("""return await io.timeout(60000).emitWithAck("q", Buffer.from([9]))""")).EnumerateArray();

        async Task<IEnumerable<JsonElement>> AskAsync()
        {
            var acks = await _one.IO.Everybody.EmitWithAckAsync<JsonElement>("q", (byte[])[9]);
            Assert.Equal((true, 3), (acks.IsComplete, acks.AskedCount));
            return acks.Values;
        }
    }

    [Fact]
    public async Task Sockets_of_Node_are_described_here_and_can_be_talked_to()
    {
        var nodeId = (await _node.EvaluateAsync("return client.id")).GetString();

        var sockets = await _one.IO.In("room").FetchSocketsAsync();
        var remote = sockets.Single(socket => socket.Id == nodeId);

        Assert.True(sockets.IsComplete);
        Assert.Equal(new[] { nodeId, _socket1.Id, _socket2.Id }.Order(StringComparer.Ordinal), sockets.Select(socket => socket.Id).Order(StringComparer.Ordinal));
        Assert.Equal(("node", "websocket"), (remote.Handshake.Auth.GetProperty("name").GetString(), remote.Handshake.GetQueryValue("transport")));
        Assert.Equal(["room", "third", Unusual], remote.Rooms.Where(room => room != nodeId).Order(StringComparer.Ordinal));
        Assert.Equal(new User("Node"), remote.Data.Get<User>("user"));

        await remote.EmitAsync("hello", 1);
        Assert.Equal("""[["hello",1]]""", (await _node.EvaluateAsync("return await take(1)")).GetRawText());
        Assert.Equal("node", await remote.EmitWithAckAsync<string>("q"));
        await remote.JoinAsync("new");
        await remote.LeaveAsync("room");
        await _node.EvaluateAsync("await until(() => socket.rooms.has('new') && !socket.rooms.has('room'))");
        await remote.DisconnectAsync();
        await _node.EvaluateAsync("await until(() => client.disconnected)");
    }

    [Fact]
    public async Task Sockets_of_ours_are_described_in_Node_and_can_be_talked_to()
    {
        _socket2.Data["user"] = new User("Ada");
        var described = await _node.EvaluateAsync($$"""
            const remote = (await io.in("room").fetchSockets()).find((socket) => socket.id === "{{_socket2.Id}}");
            const rooms = [...remote.rooms].filter((room) => room !== remote.id).sort();
            remote.emit("hello", 1);
            return { rooms, data: remote.data, auth: remote.handshake.auth, transport: remote.handshake.query.transport };
            """);

        Assert.Equal($$$"""{"rooms":["room","second","{{{Unusual}}}"],"data":{"user":{"name":"Ada"}},"auth":{"name":"two"},"transport":"websocket"}""", described.GetRawText());
        Assert.Equal("42[\"hello\",1]", await _client2.ReadAsync());

        var answer = _node.EvaluateAsync($$"""
            const remote = (await io.fetchSockets()).find((socket) => socket.id === "{{_socket2.Id}}");
            const answer = await remote.timeout(60000).emitWithAck("q");
            remote.join("new");
            remote.leave("room");
            return answer;
            """);
        Assert.Equal("420[\"q\"]", await _client2.ReadAsync());
        await _client2.SendAsync("430[\"yes\"]");
        Assert.Equal("yes", (await answer).GetString());
        await Eventually.HoldsAsync(() => _socket2.Rooms.Contains("new") && !_socket2.Rooms.Contains("room"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sockets_of_all_servers_join_leave_and_are_disconnected(bool fromNode)
    {
        if (fromNode)
        {
            await _node.EvaluateAsync("""
                io.except("second").socketsJoin(["x", "y"]);
                io.in("room").socketsLeave("y");
                """);
        }
        else
        {
            await _two.IO.Except("second").SocketsJoinAsync("x", "y");
            await _two.IO.In("room").SocketsLeaveAsync("y");
        }

        await Eventually.HoldsAsync(() => _socket1.Rooms.Contains("x") && !_socket1.Rooms.Contains("y"));
        await _node.EvaluateAsync("await until(() => socket.rooms.has('x') && !socket.rooms.has('y'))");
        Assert.DoesNotContain("x", _socket2.Rooms);

        if (fromNode)
            await _node.EvaluateAsync("""io.in("room").disconnectSockets(true)""");
        else
            await _two.IO.In("room").DisconnectSocketsAsync(close: true);

        Assert.Equal(["41", "close 1000"], await ReadAsync(_client1, 2));
        Assert.Equal(["41", "close 1000"], await ReadAsync(_client2, 2));
        await _node.EvaluateAsync("await until(() => client.disconnected)");
    }

    [Fact]
    public async Task Servers_talk_to_each_other()
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _one.IO.OnServerSide("who", received => received.Acknowledge("one"));
        _two.IO.OnServerSide("who", received => received.Acknowledge("two", "more"));
        _two.IO.OnServerSide("hello", received => heard.SetResult(string.Join(' ', received.Values)));

        await _one.IO.ServerSideEmitAsync("hello", 1, new { a = "b" });
        Assert.Equal("1 {\"a\":\"b\"}", await heard.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("""[["hello of a server",1,{"a":"b"}]]""", (await _node.EvaluateAsync("return await take(1)")).GetRawText());

        var who = await _one.IO.ServerSideEmitWithAckAsync<string>("who");
        Assert.Equal((true, "node two"), (who.IsComplete, string.Join(' ', who.Values.Order(StringComparer.Ordinal))));
        var nodes = await _node.EvaluateAsync("""return (await io.serverSideEmitWithAck("who")).sort()""");
        Assert.Equal("""["one","two"]""", nodes.GetRawText());
    }

    private protected static async Task<string[]> ReadAsync(EngineClient client, int count)
    {
        var messages = new string[count];
        for (var index = 0; index < count; index++)
            messages[index] = await client.ReadAsync();

        return messages;
    }

    private sealed record User(string Name);
}
