using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using RawWs.Redis.Tests.Client;
using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Servers of ours with each other, with versions of old, with what makes no sense, and without Redis.</summary>
public sealed class RedisAdapterTests : IAsyncLifetime
{
    private const string Requests = "socket.io-request#/#", Responses = "socket.io-response#/#";

    private RedisRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await RedisRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Servers_of_one_key_are_a_cluster(bool answerOnSpecificChannel)
    {
        var options = new RedisAdapterOptions { Key = "k", PublishOnSpecificResponseChannel = answerOnSpecificChannel };
        await using var one = await ClusterServer.StartAsync(_rig, options);
        await using var two = await ClusterServer.StartAsync(_rig, options);
        await using var other = await ClusterServer.StartAsync(_rig);
        var (client1, _) = await one.Server.ConnectSocketAsync();
        var (client2, socket2) = await two.Server.ConnectSocketAsync();
        var (client3, _) = await other.Server.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        await using (client3)
        {
            socket2.Join("room");
            socket2.Data["bytes"] = new byte[] { 4, 5 };
            await one.WaitForServersAsync(2);
            await one.IO.EmitAsync("e", (byte[])[1]);
            await other.IO.EmitAsync("other");

            Assert.Equal("451-[\"e\",{\"_placeholder\":true,\"num\":0}]", await client2.ReadAsync());
            Assert.Equal("42[\"other\"]", await client3.ReadAsync());
            var sockets = await one.IO.In("room").FetchSocketsAsync();
            Assert.True(sockets.IsComplete);
            Assert.Equal((socket2.Id, "0405"), (Assert.Single(sockets).Id, Convert.ToHexString(sockets[0].Data.Get<byte[]>("bytes")!))); // It is there.
            var (rooms, isComplete) = await ((RedisAdapter)one.Adapter).FetchRoomsAsync();
            Assert.True(isComplete);
            Assert.Equal(3, rooms.Count);
            Assert.Contains("room", rooms);

            two.IO.OnServerSide("bytes", received => received.Acknowledge(received.Get<byte[]>(0)));
            Assert.Equal([7, 8], Assert.Single((await one.IO.ServerSideEmitWithAckAsync<byte[]>("bytes", (byte[])[7, 8])).Values));
        }

        await two.IO.CloseAsync();
        await one.WaitForServersAsync(1);
    }

    [Fact]
    public async Task Older_versions_are_answered()
    {
        await using var server = await ClusterServer.StartAsync(_rig);
        var (client, socket) = await server.Server.ConnectSocketAsync();
        await using var redis = await _rig.ConnectAsync();
        var heard = new RecordingSubscriber();
        await using var subscription = redis.Subscribe(new RedisChannel(Responses), heard);
        await subscription.WaitForConfirmationAsync(TestContext.Current.CancellationToken);
        await using (client)
        {
            await PublishAsync(Requests, $$"""{"requestId":"r0","type":0,"rooms":["{{socket.Id}}"]}""");
            await PublishAsync(Requests, """{"uid":"of one that hears no channel of its own","requestId":"r1","type":1}""");
            await PublishAsync(Requests, $$"""{"requestId":"r2","type":2,"sid":"{{socket.Id}}","room":7}""");
            await PublishAsync(Requests, """{"requestId":"nobody","type":3,"sid":"nobody","room":"x"}""");
            await PublishAsync(Requests, """{"requestId":"all","type":1}""");
            await PublishAsync(Requests, $$"""{"requestId":"r3","type":3,"sid":"{{socket.Id}}","room":7}""");
            await PublishAsync(Requests, $$"""{"requestId":"r4","type":4,"sid":"{{socket.Id}}"}""");

            Assert.Equal("41", await client.ReadAsync());
            await Eventually.HoldsAsync(() => heard.Told.Length == 7);
            Assert.Equal(
                [
                    "+",
                    $$"""{{Responses}}:{"requestId":"r0","sockets":["{{socket.Id}}"]}""",
                    $$"""{{Responses}}:{"requestId":"r1","rooms":["{{socket.Id}}"]}""",
                    $$"""{{Responses}}:{"requestId":"r2"}""",
                    $$"""{{Responses}}:{"requestId":"all","rooms":["{{socket.Id}}","7"]}""",
                    $$"""{{Responses}}:{"requestId":"r3"}""",
                    $$"""{{Responses}}:{"requestId":"r4"}""",
                ],
                heard.Told.Select(told => told.Replace($"[\"7\",\"{socket.Id}\"]", $"[\"{socket.Id}\",\"7\"]", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task What_a_client_says_of_itself_keeps_nobody_from_being_found()
    {
        await using var one = await ClusterServer.StartAsync(_rig);
        await using var two = await ClusterServer.StartAsync(_rig);
        var (client1, _) = await one.Server.ConnectSocketAsync();
        var (forger, _) = await two.Server.ConnectSocketAsync("""40{"a":{"_placeholder":true,"num":99}}""");
        var (diver, diving) = await two.Server.ConnectSocketAsync($"40{{\"a\":{new string('[', 63)}{new string(']', 63)}}}");
        await using (client1)
        await using (forger)
        await using (diver)
        {
            await one.WaitForServersAsync(2);
            var sockets = await one.IO.Everybody.FetchSocketsAsync();
            Assert.Equal((true, 3), (sockets.IsComplete, sockets.Count));

            diving.Data["bytes"] = new byte[] { 1 };
            sockets = await one.IO.Everybody.FetchSocketsAsync();
            Assert.Equal((true, 3), (sockets.IsComplete, sockets.Count));
            Assert.Equal([1], sockets.Single(socket => socket.Id == diving.Id).Data.Get<byte[]>("bytes"));

            // The application has kept beside bytes what a client has made to look like some.
            diving.Data["forged"] = two.IO.Of("/").CreateValue("""{"_placeholder":true,"num":99}"""u8.ToArray());
            sockets = await one.IO.Everybody.FetchSocketsAsync();
            Assert.Equal((true, 3), (sockets.IsComplete, sockets.Count));
            Assert.Empty(sockets.Single(socket => socket.Id == diving.Id).Data.Names);
        }
    }

    [Fact]
    public async Task What_makes_no_sense_is_ignored_and_counted()
    {
        using var ignored = new IgnoredCount();
        await using var server = await ClusterServer.StartAsync(_rig);
        var (client, _) = await server.Server.ConnectSocketAsync();
        await using (client)
        {
            string[] broadcasts =
            [
                "nonsense", "{\"a\":1}", Hex("9101"), Hex("93"), Hex("93a16100c0"), Hex("93a161c080"),
                Broadcast("83a47479706502a46461746191a165a36e7370a22f78", "80"), // Of namespace /x.
                Broadcast("82a47479706509a46461746191a165", "80"), // No event.
                Broadcast("82a47479706502a46461746191aa646973636f6e6e656374", "80"), // A reserved name.
                Broadcast("82a47479706502a46461746190", "80"), // No name.
                Broadcast("82a47479706502a4646174619101", "80"), // A number for a name.
                Broadcast("82a47479706502a46461746191a165", "01"), // No options.
                Broadcast("82a47479706502a46461746191a165", "81a5726f6f6d7301"), // Rooms that are no list.
                Broadcast($"82a47479706502a464617461dc07d1a165{string.Concat(Enumerable.Repeat("c400", 2_000))}", "80"), // Binary values, and nothing in them.
            ];
            string[] requests =
            [
                "{", "{}", "[]", "{\"type\":99}", "{\"type\":\"x\"}", "{\"type\":-1}", "{\"type\":2}", "{\"type\":2,\"opts\":{},\"rooms\":5}", "{\"type\":2,\"opts\":{},\"rooms\":[{}]}",
                "{\"type\":3,\"opts\":null}", "{\"type\":5,\"opts\":{}}", "{\"type\":6}", "{\"type\":6,\"data\":[]}", "{\"type\":7,\"opts\":{}}",
                "{\"type\":7,\"opts\":{},\"requestId\":\"a\"}", "{\"type\":1} ,", "{\"\\ud800 is no letter\":1,\"a\":1}", Hex("90"), Hex("81a474797065cb3ff8000000000000"),
                "{\"uid\":\"\\ud800\",\"type\":1}", "{\"type\":2,\"opts\":{},\"rooms\":[\"\u00ff\"]}",
            ];
            string[] responses = ["{", "\u0001\u0001"];
            foreach (var (channel, payloads) in new[] { ("socket.io#/#", broadcasts), (Requests, requests), (Responses, responses) })
            {
                foreach (var payload in payloads)
                    await _rig.Server.ExecuteAsync("PUBLISH", channel, new RedisArgument(Encoding.Latin1.GetBytes(payload)));
            }

            // What nobody here waits for, or is in, is not for this server.
            await PublishAsync(Responses, """{"requestId":"nobody"}""");
            await PublishAsync("socket.io#/#elsewhere#", "nonsense");
            await PublishAsync("socket.io#/#", Broadcast("82a47479706502a46461746191a165", "80"));

            Assert.Equal("42[\"e\"]", await client.ReadAsync());
            Assert.Equal(broadcasts.Length + requests.Length + responses.Length, ignored.Total);
        }
    }

    [Theory]
    [InlineData(AdapterKind.Sharded)]
    [InlineData(AdapterKind.Streams)]
    public async Task What_makes_no_sense_in_messages_of_clusters_is_ignored_and_counted(AdapterKind kind)
    {
        using var ignored = new IgnoredCount();
        await using var server = await ClusterServer.StartAsync(_rig, kind);
        var (client, _) = await server.Server.ConnectSocketAsync();
        await using (client)
        {
            string[] data =
            [
                "{}", "{\"packet\":{}}", "{\"packet\":{\"type\":2,\"data\":[]},\"opts\":{}}", "{\"packet\":{\"type\":2,\"data\":[\"disconnect\"]},\"opts\":{}}",
                "{\"packet\":{\"type\":2,\"data\":[\"e\"],\"nsp\":\"/x\"},\"opts\":{}}", "{\"packet\":{\"type\":2,\"data\":[\"e\"]},\"opts\":{\"rooms\":1}}",
            ];
            string[] messages =
            [
                "nonsense", "{", "{}", "{\"uid\":\"u\"}", "{\"uid\":\"u\",\"nsp\":\"/x\",\"type\":3}", "{\"uid\":\"u\",\"nsp\":\"/\",\"type\":99}", "{\"uid\":1,\"nsp\":\"/\"}",
                "{\"uid\":\"u\",\"nsp\":\"/\",\"type\":7,\"data\":{\"opts\":{}}}", "{\"uid\":\"u\",\"nsp\":\"/\",\"type\":9,\"data\":{}}",
                .. data.Select(body => $"{{\"uid\":\"u\",\"nsp\":\"/\",\"type\":3,\"data\":{body}}}"),
            ];
            foreach (var message in messages)
                await _rig.Server.ExecuteAsync(kind == AdapterKind.Sharded ? "SPUBLISH" : "PUBLISH", "socket.io#/#", message);

            // Of no request here, or of others that count by heartbeats.
            foreach (var type in new[] { 1, 2, 8, 10, 11, 12, 13 })
                await _rig.Server.ExecuteAsync(kind == AdapterKind.Sharded ? "SPUBLISH" : "PUBLISH", "socket.io#/#", $"{{\"uid\":\"u\",\"nsp\":\"/\",\"type\":{type},\"data\":{{\"requestId\":\"r\"}}}}");

            var expected = messages.Length;
            if (kind == AdapterKind.Streams)
            {
                string[] bodies = ["", "?", "gA", .. data];
                foreach (var body in bodies)
                    await _rig.Server.ExecuteAsync("XADD", "socket.io", "*", "uid", "u", "nsp", "/", "type", "3", "data", body);

                foreach (var fields in (string[][])[["a", "b"], ["uid", "u", "nsp", "/x", "type", "3"]])
                    await _rig.Server.ExecuteAsync("XADD", ["socket.io", "*", .. fields.Select(field => (RedisArgument)field)]);

                expected += bodies.Length;
            }

            const string Event = "{\"packet\":{\"type\":2,\"data\":[\"e\"]},\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}}}";
            await _rig.Server.ExecuteAsync(kind == AdapterKind.Sharded ? "SPUBLISH" : "PUBLISH", "socket.io#/#", $"{{\"uid\":\"u\",\"nsp\":\"/\",\"type\":3,\"data\":{Event}}}");
            Assert.Equal("42[\"e\"]", await client.ReadAsync());
            if (kind == AdapterKind.Streams)
            {
                await _rig.Server.ExecuteAsync("XADD", "socket.io", "*", "uid", "u", "nsp", "/", "type", "3", "data", Event);
                Assert.Equal("42[\"e\"]", await client.ReadAsync());
            }

            Assert.Equal(expected, ignored.Total);
        }
    }

    [Fact]
    public async Task A_socket_that_makes_no_sense_is_left_out_and_counted_and_all_others_of_its_server_are_found()
    {
        using var ignored = new IgnoredCount();
        await using var server = await ClusterServer.StartAsync(_rig);
        await using var other = await _rig.ConnectAsync();
        var heard = new RecordingSubscriber();
        await using var subscription = other.Subscribe(new RedisChannel(Requests), heard);
        await subscription.WaitForConfirmationAsync(TestContext.Current.CancellationToken);
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await Eventually.HoldsAsync(() => heard.Told.Length == 2);
        using var question = JsonDocument.Parse(heard.Told[1][(Requests.Length + 1)..]);

        // One without an id, one whose rooms are no list, none at all, one with rooms that have no name, and one as any other.
        await PublishAsync(
            Responses,
            $$"""{"requestId":{{question.RootElement.GetProperty("requestId").GetRawText()}},"sockets":[{"rooms":[]},{"id":"x","rooms":7},null,{"id":"a","rooms":["a",null,true,7]},{"id":"b","rooms":["b"]}]}""");

        var sockets = await fetching.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.True(sockets.IsComplete);
        Assert.Equal(["a in a, 7", "b in b"], sockets.Select(static socket => $"{socket.Id} in {string.Join(", ", socket.Rooms)}"));
        Assert.Equal(3, ignored.Total);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_makes_a_list_incomplete()
    {
        await using var server = await ClusterServer.StartAsync(_rig);
        var (client, socket) = await server.Server.ConnectSocketAsync();
        await using var silent = await _rig.ConnectAsync();
        await using var subscription = silent.Subscribe(new RedisChannel(Requests), new RecordingSubscriber());
        await subscription.WaitForConfirmationAsync(TestContext.Current.CancellationToken);
        await using (client)
        {
            var fetching = server.IO.Everybody.FetchSocketsAsync();
            var listing = ((RedisAdapter)server.Adapter).FetchRoomsAsync();
            await Eventually.CompletesAsync(server.Server.Time, Task.WhenAll(fetching, listing));

            var sockets = await fetching;
            Assert.Equal((false, socket.Id), (sockets.IsComplete, Assert.Single(sockets).Id));
            Assert.Equal((false, socket.Id), ((await listing).IsComplete, Assert.Single((await listing).Rooms)));
            Assert.True((await server.IO.Everybody.Local.FetchSocketsAsync()).IsComplete);
        }
    }

    [Fact]
    public async Task Without_Redis_each_server_goes_on_by_itself_and_says_that_it_does()
    {
        await using var one = await ClusterServer.StartAsync(_rig);
        await using var two = await ClusterServer.StartAsync(_rig);
        var (client1, socket1) = await one.Server.ConnectSocketAsync();
        var (client2, _) = await two.Server.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        {
            await one.WaitForServersAsync(2);
            _rig.Network.Refuse();
            await WaitForSubscriptionsAsync(0);

            await one.IO.EmitAsync("e");
            Assert.Equal("42[\"e\"]", await client1.ReadAsync());
            await one.IO.Everybody.SocketsJoinAsync("x");
            await one.IO.Everybody.SocketsLeaveAsync(socket1.Id);
            Assert.Equal("x", Assert.Single(socket1.Rooms));
            await one.IO.ServerSideEmitAsync("e");
            var sockets = await one.IO.In("x").FetchSocketsAsync();
            Assert.Equal((false, socket1.Id), (sockets.IsComplete, Assert.Single(sockets).Id));
            Assert.Equal(2, await one.Adapter.CountServersAsync(TestContext.Current.CancellationToken));

            var asked = one.IO.Everybody.Timeout(TimeSpan.FromSeconds(20)).EmitWithAckAsync<int>("q");
            Assert.Equal("420[\"q\"]", await client1.ReadAsync());
            await client1.SendAsync("430[1]");
            await client1.WebSocket.WaitUntilServerWaitsAsync();
            one.Server.Time.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal((false, 1, 1), ((await asked).IsComplete, (await asked).AskedCount, Assert.Single((await asked).Values)));

            _rig.Network.Resume();
            await WaitForSubscriptionsAsync(2);

            // Whoever is asked before it can answer would be waited for.
            await Eventually.HoldsAsync(() => one.Redis.IsConnected && two.Redis.IsConnected);
            while (await one.IO.Everybody.FetchSocketsAsync() is not { IsComplete: true, Count: 2 })
                await Task.Yield();

            await one.IO.EmitAsync("again");
            Assert.Equal("42[\"again\"]", await client2.ReadAsync());
        }
    }

    [Fact]
    public async Task Clients_are_served_where_Redis_never_was()
    {
        _rig.Network.Refuse();
        await using var redis = new RedisClient(_rig.Options());
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Adapter = nsp => new RedisAdapter(nsp, redis));
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40");
        var reply = client.ReadAsync();

        await Eventually.CompletesAsync(server.Time, reply);

        Assert.StartsWith("40{", await reply, StringComparison.Ordinal);
    }

    private static string Hex(string hex) => Encoding.Latin1.GetString(Convert.FromHexString(hex));

    private static string Broadcast(string packet, string options) => Hex("93a161" + packet + options);

    private async Task PublishAsync(string channel, string payload) => await _rig.Server.ExecuteAsync("PUBLISH", channel, new RedisArgument(Encoding.Latin1.GetBytes(payload)));

    private async Task WaitForSubscriptionsAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await _rig.Server.ExecuteAsync("PUBSUB", "NUMSUB", Requests)).Items[1].ToInteger() != count)
            deadline.Token.ThrowIfCancellationRequested();
    }

    /// <summary>What all adapters have ignored since this was made: of all tests only those above have them do so.</summary>
    private sealed class IgnoredCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _total;

        public IgnoredCount()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "rawws.redis.socketio.ignored")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _total, count));
            _listener.Start();
        }

        public long Total => Interlocked.Read(ref _total);

        public void Dispose() => _listener.Dispose();
    }
}
