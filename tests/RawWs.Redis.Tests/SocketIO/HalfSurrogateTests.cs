using System.Text.Json;
using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>
/// Strings of JavaScript may have half a surrogate pair in them, and any client of a server for Node can bring one in: what becomes of it here. docs/scale-out.md has each of these by its name.
/// </summary>
public sealed class HalfSurrogateTests : IAsyncLifetime
{
    // As JavaScript writes it, and what it is here.
    private const string Written = @"x\ud83d", Read = "x\ufffd";

    // What notepack.io makes of it, which takes what follows for the other half, also if that is nothing: all broadcasts of "pubsub", and those of "sharded" with bytes, are written by it.
    private const string Packed = @"x\uD83D\uDC00";

    private RedisRig _rig = null!;

    public static TheoryData<AdapterKind> Kinds => [AdapterKind.PubSub, AdapterKind.Sharded, AdapterKind.Streams];

    public async ValueTask InitializeAsync() => _rig = await RedisRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Whoever_has_half_a_surrogate_in_what_it_says_or_in_its_rooms_is_found_with_all_others(AdapterKind kind)
    {
        await using var node = await NodeServer.StartAsync(_rig.Network.Address, kind);
        await using var one = await ClusterServer.StartAsync(_rig, kind);
        await using var client = await OpenAsync(node);
        await one.WaitForServersAsync(2);
        await client.SendAsync($$$"""40{"name":"{{{Written}}}","{{{Written}}}":1,"\ud83d":2}""");
        var (_, id, _) = SocketIOClients.Read(await client.ReadAsync());
        await node.EvaluateAsync($"const there = io.sockets.sockets.get('{id}'); there.join('{Written}'); there.data['{Written}'] = '{Written}'");

        var sockets = await EndsAsync(one.IO.Everybody.FetchSocketsAsync());

        var found = sockets.Single(socket => socket.Id == id);
        Assert.Equal((true, 2), (sockets.IsComplete, sockets.Count));
        Assert.Equal((Read, 1, 2), (found.Handshake.Auth.GetProperty("name").GetString(), found.Handshake.Auth.GetProperty(Read).GetInt32(), found.Handshake.Auth.GetProperty(Read[1..]).GetInt32()));
        Assert.Contains(Read, found.Rooms);
        Assert.Equal(Read, found.Data.Get<string>(Read));
        if (one.Adapter is RedisAdapter adapter)
        {
            var (rooms, isComplete) = await EndsAsync(adapter.FetchRoomsAsync());
            Assert.True(isComplete);
            Assert.Contains(Read, rooms);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_has_half_a_surrogate_in_it_reaches_clients_and_rooms_here(AdapterKind kind)
    {
        await using var node = await NodeServer.StartAsync(_rig.Network.Address, kind);
        await using var one = await ClusterServer.StartAsync(_rig, kind);
        var (client, socket) = await one.Server.ConnectSocketAsync();
        await using (client)
        {
            // Sockets are in a room, and are meant by it, under one name, whether it comes as JSON or as MessagePack; but notepack.io has made another room of it, which Node finds nobody in either.
            await one.WaitForServersAsync(2);
            await node.EvaluateAsync($"io.socketsJoin('{Written}')");
            await Eventually.HoldsAsync(() => socket.Rooms.Contains(Read));
            if (kind == AdapterKind.Sharded)
                await WaitForChannelAsync($"socket.io#/#{Read}#", 2);

            var room = $"io.to('{Written}')";
            await node.EvaluateAsync($$"""
                {{(kind == AdapterKind.Streams ? room : "io")}}.emit('bytes', '{{Written}}', Buffer.from([1]));
                {{(kind == AdapterKind.PubSub ? "io" : room)}}.emit('plain', '{{Written}}', { '{{Written}}': 1 });
                io.emit('{{Written}}');
                """);

            var heard = new List<string>();
            for (var count = 0; count < 4; count++)
                heard.Add(await EndsAsync(client.ReadAsync()));

            // What is passed on as JSON stays what it was: its other half may come behind it, in an event of its own.
            var plain = kind == AdapterKind.PubSub ? Packed : Written;
            Assert.Equal($$"""451-["bytes","{{(kind == AdapterKind.Streams ? Read : Packed)}}",{"_placeholder":true,"num":0}]""", heard[heard.IndexOf("#01") - 1]);
            Assert.Contains($$"""42["plain","{{plain}}",{"{{plain}}":1}]""", heard);
            Assert.Contains($$"""42["{{(kind == AdapterKind.PubSub ? Packed : Read)}}"]""", heard);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Clients_and_servers_are_answered_with_half_a_surrogate(AdapterKind kind)
    {
        await using var node = await NodeServer.StartAsync(_rig.Network.Address, kind);
        await using var one = await ClusterServer.StartAsync(_rig, kind);
        await using var client = await OpenAsync(node);
        await one.WaitForServersAsync(2);
        await client.SendAsync("40");
        await client.ReadAsync();
        await node.EvaluateAsync($"socket.join('other'); io.on('whole', (answer) => answer('{Written}'))");
        var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        one.IO.OnServerSide(Read, received => heard.SetResult(received.Get<string>(0)));

        var asked = one.IO.Except("other").EmitWithAckAsync<string>("q");
        Assert.StartsWith("420[\"q\"", await client.ReadAsync(), StringComparison.Ordinal);
        await client.SendAsync($"430[\"{Written}\"]");
        var answers = await EndsAsync(asked);
        Assert.Equal((true, kind == AdapterKind.PubSub ? "x\ud83d\udc00" : Read), (answers.IsComplete, Assert.Single(answers.Values)));

        var who = await EndsAsync(one.IO.ServerSideEmitWithAckAsync<string>("whole"));
        Assert.Equal((true, Read), (who.IsComplete, Assert.Single(who.Values)));
        await node.EvaluateAsync($"io.serverSideEmit('{Written}', '{Written}')");
        Assert.Equal(Read, await EndsAsync(heard.Task));
    }

    [Fact]
    public async Task A_session_of_Node_with_half_a_surrogate_is_gone_on_with()
    {
        await using var node = await NodeServer.StartAsync(_rig.Network.Address, AdapterKind.Streams, recovers: true);
        await using var one = await ClusterServer.StartAsync(_rig, AdapterKind.Streams, static options => options.ConnectionStateRecovery = new());
        await one.WaitForServersAsync(2);
        string id, offset;
        string? pid;
        await using (var client = await OpenAsync(node))
        {
            await client.SendAsync("40");
            (_, id, pid) = SocketIOClients.Read(await client.ReadAsync());
            await node.EvaluateAsync($"const there = io.sockets.sockets.get('{id}'); there.join('{Written}'); there.data.name = '{Written}'; there.emit('hello')");
            offset = JsonDocument.Parse((await client.ReadAsync()).AsMemory(2)).RootElement[1].GetString()!; // It comes behind the name.
        }

        await node.EvaluateAsync($"await until(() => publishing.exists('sio:session:{pid}'))");
        await using var again = await one.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");

        Assert.Equal($$"""40{"sid":"{{id}}","pid":"{{pid}}"}""", await again.ReadAsync());
        var socket = one.IO.Sockets.Single();
        Assert.Equal((true, Read, true), (socket.IsRecovered, socket.Data.Get<string>("name"), socket.Rooms.Contains(Read)));
    }

    private static async Task<NodeClient> OpenAsync(NodeServer node) => await NodeClient.OpenAsync((await node.EvaluateAsync("return port")).GetInt32());

    // The clocks of our servers stand still: what is not understood is waited for without end.
    private static Task<T> EndsAsync<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);

    private async Task WaitForChannelAsync(string channel, int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await _rig.Server.ExecuteAsync("PUBSUB", "SHARDNUMSUB", channel)).Items[1].ToInteger() != count)
            deadline.Token.ThrowIfCancellationRequested();
    }
}
