using System.Text.Json;

namespace RawWs.SocketIO.Tests.Cluster;

/// <summary>Two servers that an adapter joins: every operation of either reaches the sockets of both.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();
    private readonly List<ClusterAdapter> _adapters = [];
    private SocketIOTestServer _first = null!, _second = null!;
    private EngineClient _client1 = null!, _client2 = null!;
    private SocketIOSocket _socket1 = null!, _socket2 = null!;

    public async ValueTask InitializeAsync()
    {
        (_first, _second) = (await StartAsync(), await StartAsync());
        (_client1, _socket1) = await _first.ConnectSocketAsync("""40{"name":"one"}""");
        (_client2, _socket2) = await _second.ConnectSocketAsync("""40{"name":"two"}""");
        _socket1.Join("room", "first");
        _socket2.Join("room", "second");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in new[] { _client1, _client2 })
            await client.DisposeAsync();

        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broadcast_reaches_both_with_its_binary_values(bool fromFirst)
    {
        var io = fromFirst ? _first.IO : _second.IO;

        await io.To("room").EmitAsync("e", 1.5, new { a = new byte[] { 1, 2 } }, "é", null, (byte[])[3]);
        await io.To("first", "second").Except("second").EmitAsync("not second");
        await io.Everybody.Local.EmitAsync(fromFirst ? "local first" : "local second");
        await io.EmitAsync("end");

        const string Event = """452-["e",1.5,{"a":{"_placeholder":true,"num":0}},"é",null,{"_placeholder":true,"num":1}]""";
        string[] expected1 = fromFirst ? [Event, "#0102", "#03", "42[\"not second\"]", "42[\"local first\"]", "42[\"end\"]"] : [Event, "#0102", "#03", "42[\"not second\"]", "42[\"end\"]"];
        string[] expected2 = fromFirst ? [Event, "#0102", "#03", "42[\"end\"]"] : [Event, "#0102", "#03", "42[\"local second\"]", "42[\"end\"]"];
        Assert.Equal(expected1, await ReadAsync(_client1, expected1.Length));
        Assert.Equal(expected2, await ReadAsync(_client2, expected2.Length));
    }

    [Fact]
    public async Task A_socket_does_not_hear_itself()
    {
        await _socket1.Broadcast.EmitAsync("others");
        await _first.IO.EmitAsync("all");

        Assert.Equal("42[\"all\"]", await _client1.ReadAsync());
        Assert.Equal(["42[\"others\"]", "42[\"all\"]"], await ReadAsync(_client2, 2));
    }

    [Fact]
    public async Task Everybody_is_asked_and_each_server_numbers_its_question()
    {
        // The second server has asked before.
        var alone = _second.IO.To("second").Local.EmitWithAckAsync<int>("q");
        Assert.Equal("420[\"q\"]", await _client2.ReadAsync());
        await _client2.SendAsync("430[7]");
        Assert.Equal(7, Assert.Single((await alone).Values));

        var both = _first.IO.Everybody.EmitWithAckAsync<JsonElement>("q", (byte[])[9]);
        Assert.Equal(["451-0[\"q\",{\"_placeholder\":true,\"num\":0}]", "#09"], await ReadAsync(_client1, 2));
        Assert.Equal(["451-1[\"q\",{\"_placeholder\":true,\"num\":0}]", "#09"], await ReadAsync(_client2, 2));
        await _client1.SendAsync("430[1]");
        await _client2.SendAsync("431[{\"a\":2},\"more\"]");

        var acks = await both;
        Assert.True(acks.IsComplete);
        Assert.Equal(2, acks.AskedCount);
        Assert.Equal(["1", "{\"a\":2}"], acks.Values.Select(value => value.GetRawText()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Answers_that_do_not_come_in_time_are_missing()
    {
        var asked = _first.IO.Everybody.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("q");
        await _client1.ReadAsync();
        await _client2.ReadAsync();
        await _client2.SendAsync("430[2]");
        await _client2.WebSocket.WaitUntilServerWaitsAsync();
        _first.Time.Advance(TimeSpan.FromSeconds(1));

        var acks = await asked;
        Assert.Equal((false, 2, 2), (acks.IsComplete, acks.AskedCount, Assert.Single(acks.Values)));
        Assert.Equal((0, 0), (_socket1.PendingAcks.Count, _socket2.PendingAcks.Count));
    }

    [Fact]
    public async Task A_server_that_says_nothing_makes_the_answer_incomplete()
    {
        _adapters.Single(adapter => adapter.Namespace == _socket2.Namespace).IsDeaf = true;
        var asked = _first.IO.Everybody.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("q");
        var told = _first.IO.ServerSideEmitWithAckAsync<int>("q");
        await _client1.ReadAsync();
        await _client1.SendAsync("430[1]");
        await _client1.WebSocket.WaitUntilServerWaitsAsync();
        Assert.False(asked.IsCompleted);
        _first.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((false, 1), ((await asked).IsComplete, Assert.Single((await asked).Values)));
        Assert.Equal((false, 0), ((await told).IsComplete, (await told).Values.Count));
    }

    [Fact]
    public async Task Sockets_of_both_are_described_and_can_be_talked_to()
    {
        _socket2.Data["user"] = new User("Ada", 36);
        _socket2.Data["bytes"] = new byte[] { 4, 5 };

        var sockets = await _first.IO.In("room").FetchSocketsAsync();
        var remote = sockets.Single(socket => socket.Id == _socket2.Id);

        Assert.Equal(2, sockets.Count);
        Assert.Equal(["room", "second", _socket2.Id], remote.Rooms.Select(room => room).OrderBy(room => room == _socket2.Id).ThenBy(room => room, StringComparer.Ordinal));
        Assert.Equal("two", remote.Handshake.Auth.GetProperty("name").GetString());
        Assert.Equal("websocket", remote.Handshake.GetQueryValue("transport"));
        Assert.Equal(_socket2.Handshake.GetHeader("host"), remote.Handshake.GetHeader("Host"));
        Assert.Equal(_socket2.Handshake.Time.ToUnixTimeMilliseconds(), remote.Handshake.Time.ToUnixTimeMilliseconds());
        Assert.Equal(("/socket.io/", _socket2.Handshake.Query), (remote.Handshake.Path, remote.Handshake.Query));
        Assert.Equal(new User("Ada", 36), remote.Data.Get<User>("user"));
        Assert.Equal([4, 5], remote.Data.Get<byte[]>("bytes"));
        Assert.Null(remote.Data.Get<User>("nobody"));

        await remote.EmitAsync("hello", 1);
        Assert.Equal("42[\"hello\",1]", await _client2.ReadAsync());

        var answer = remote.EmitWithAckAsync<string>("q");
        Assert.Equal("420[\"q\"]", await _client2.ReadAsync());
        await _client2.SendAsync("430[\"yes\"]");
        Assert.Equal("yes", await answer);

        var late = remote.EmitWithAckAsync<string>(TimeSpan.FromSeconds(1), "q");
        await _client2.ReadAsync();
        _first.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => late);

        await remote.JoinAsync("new");
        await remote.LeaveAsync("room");
        Assert.Contains("new", _socket2.Rooms);
        Assert.DoesNotContain("room", _socket2.Rooms);
        await remote.DisconnectAsync();
        Assert.Equal("41", await _client2.ReadAsync());
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => remote.EmitWithAckAsync<string>("q"));
    }

    [Fact]
    public async Task Rooms_are_joined_and_left_and_sockets_disconnected_on_both()
    {
        await _second.IO.Everybody.SocketsJoinAsync("x", "y");
        Assert.All([_socket1, _socket2], socket => Assert.Equal(["x", "y"], socket.Rooms.Intersect(["x", "y"]).Order(StringComparer.Ordinal)));
        await _second.IO.In("first").SocketsLeaveAsync("x");
        Assert.DoesNotContain("x", _socket1.Rooms);
        await _first.IO.Everybody.Local.SocketsLeaveAsync("y");
        Assert.Contains("y", _socket2.Rooms);
        Assert.Single(await _second.IO.Everybody.Local.FetchSocketsAsync());

        await _first.IO.In("room").DisconnectSocketsAsync(close: true);

        Assert.Equal(["41", "close 1000"], await ReadAsync(_client1, 2));
        Assert.Equal(["41", "close 1000"], await ReadAsync(_client2, 2));
    }

    [Fact]
    public async Task Servers_talk_to_each_other_and_not_to_themselves()
    {
        var heard = new List<string>();
        foreach (var (server, name) in new[] { (_first, "first"), (_second, "second") })
        {
            server.IO.OnServerSide("hello", received => heard.Add($"{name} {received.Get<int>(0)} {received.ExpectsAck}"));
            server.IO.OnServerSide("who", received => received.Acknowledge(name));
            server.IO.OnServerSide("all", received => received.Acknowledge(name, "more"));
            server.IO.OnServerSide("nothing", received => received.Acknowledge());
            server.IO.OnServerSide("fail", _ => throw new InvalidOperationException("of the application"));
        }

        await _first.IO.ServerSideEmitAsync("hello", 1);
        await _second.IO.ServerSideEmitAsync("hello", 2);
        var who = await _first.IO.ServerSideEmitWithAckAsync<string>("who");
        var all = await _first.IO.ServerSideEmitWithAckAsync<string>("all");
        var nothing = await _first.IO.ServerSideEmitWithAckAsync<string?>("nothing");
        await _first.IO.ServerSideEmitAsync("fail");
        var nobody = await _first.IO.Of("/elsewhere").ServerSideEmitWithAckAsync<string>("who");

        Assert.Equal(["second 1 False", "first 2 False"], heard);
        Assert.Equal((true, 1, "second"), (who.IsComplete, who.AskedCount, Assert.Single(who.Values)));
        Assert.Equal((true, 1, "second"), (all.IsComplete, all.AskedCount, Assert.Single(all.Values)));
        Assert.Equal((true, 1), (nothing.IsComplete, nothing.AskedCount));
        Assert.Equal((true, 0), (nobody.IsComplete, nobody.Values.Count));
        Assert.Throws<ArgumentException>(() => { _ = _first.IO.ServerSideEmitAsync("connection"); });
        Assert.Throws<ArgumentException>(() => _first.IO.OnServerSide("new_namespace", _ => { }));
        Assert.Contains(_second.Log.AboveDebug, line => line.Contains("what other servers say", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"headers":{"cookie":["a"],"host":"h"},"query":{"a":["1","2"],"b":"3"},"issued":1e300,"address":7,"secure":"yes","url":null,"auth":[]}""")]
    [InlineData("""{"headers":{"\ud800":"x","a":"\ud800","host":"h"},"query":{"\udc00":"x","b":"3"},"url":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    public void What_other_servers_tell_of_a_handshake_may_be_anything(string json)
    {
        var nsp = _first.IO.Of("/");

        var socket = new RemoteSocket(nsp, "id", nsp.CreateValue(System.Text.Encoding.UTF8.GetBytes(json)), [], nsp.CreateValue("[1]"u8.ToArray()));

        Assert.Equal((DateTimeOffset.UnixEpoch, JsonValueKind.Undefined, null), (socket.Handshake.Time, socket.Handshake.Auth.ValueKind, socket.Handshake.RemoteEndPoint));
        Assert.Equal(json.Length > 20 ? ("h", "3") : (null, null), (socket.Handshake.GetHeader("Host"), socket.Handshake.GetQueryValue("b")));
        Assert.Empty(socket.Data.Names);
    }

    [Fact]
    public void Data_whose_names_are_no_text_are_left_out()
    {
        var nsp = _first.IO.Of("/");

        var data = new SocketData(nsp.CreateValue("""{"\ud800":1,"a":2}"""u8.ToArray()));

        Assert.Equal(["a"], data.Names);
    }

    [Fact]
    public async Task Servers_are_counted_until_they_close()
    {
        Assert.Equal(2, await _first.IO.Of("/").Adapter.CountServersAsync());

        await _second.IO.CloseAsync();

        Assert.Equal(1, await _first.IO.Of("/").Adapter.CountServersAsync());
    }

    [Theory]
    [InlineData("{", "")]
    [InlineData("1 2", "")]
    [InlineData("", "")]
    [InlineData("{\"_placeholder\":true,\"num\":1}", "01")]
    [InlineData("[{\"_placeholder\":true}]", "01")]
    public void What_another_server_says_is_checked(string json, string attachment)
        => Assert.ThrowsAny<JsonException>(() => _first.IO.Of("/").CreateValue(
            System.Text.Encoding.UTF8.GetBytes(json), attachment.Length == 0 ? [] : [Convert.FromHexString(attachment)]));

    [Theory]
    [InlineData("22FF22")]
    [InlineData("7B22EDA080223A317D")]
    public void What_another_server_says_is_UTF8(string hex)
        => Assert.ThrowsAny<JsonException>(() => _first.IO.Of("/").CreateValue(Convert.FromHexString(hex)));

    private static async Task<string[]> ReadAsync(EngineClient client, int count)
    {
        var messages = new string[count];
        for (var index = 0; index < count; index++)
            messages[index] = await client.ReadAsync();

        return messages;
    }

    private Task<SocketIOTestServer> StartAsync()
        => SocketIOTestServer.StartAsync(configure: options => options.Adapter = nsp =>
        {
            var adapter = new ClusterAdapter(nsp, _cluster);
            _adapters.Add(adapter);
            return adapter;
        });

    private sealed record User(string Name, int Age);
}
