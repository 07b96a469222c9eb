using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What Socket.IO servers do when one of them, or Redis, is killed, or Redis refuses: with every adapter. docs/scale-out.md has a line for each.</summary>
public sealed class ClusterFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private RedisRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await RedisRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData(AdapterKind.PubSub)]
    [InlineData(AdapterKind.Sharded)]
    [InlineData(AdapterKind.Streams)]
    public async Task Of_three_servers_the_two_that_live_answer_when_one_was_killed(AdapterKind kind)
    {
        await using var one = await ClusterServer.StartAsync(_rig, kind);
        await using var node = await NodeServer.StartAsync(_rig.Network.Address, kind);
        await using var killed = await NodeServer.StartAsync(_rig.Network.Address, kind);
        var (client, _) = await one.Server.ConnectSocketAsync();
        await using (client)
        {
            one.IO.OnServerSide("who", received => received.Acknowledge("one"));
            await one.WaitForServersAsync(3);
            Assert.Equal(3, (await one.IO.Everybody.FetchSocketsAsync()).Count);

            await killed.KillAsync();
            await one.WaitForServersAsync(2);

            Assert.True(await one.IO.Everybody.FetchSocketsAsync() is { IsComplete: true, Count: 2 });
            Assert.Equal(2, (await node.EvaluateAsync("return (await io.fetchSockets()).length")).GetInt32());
            var who = await one.IO.ServerSideEmitWithAckAsync<string>("who");
            Assert.Equal((true, "node"), (who.IsComplete, Assert.Single(who.Values)));
            Assert.Equal("""["one"]""", (await node.EvaluateAsync("return await io.serverSideEmitWithAck('who')")).GetRawText());

            var asked = one.IO.Everybody.EmitWithAckAsync<string>("q");
            Assert.Equal("420[\"q\"]", await client.ReadAsync());
            await client.SendAsync("430[\"client\"]");
            Assert.Equal((true, "client node"), ((await asked).IsComplete, string.Join(' ', (await asked).Values.Order(StringComparer.Ordinal))));
            var askedByNode = node.EvaluateAsync("return (await io.timeout(60000).emitWithAck('q')).sort()");
            Assert.Equal("421[\"q\"]", await client.ReadAsync());
            await client.SendAsync("431[\"client\"]");
            Assert.Equal("""["client","node"]""", (await askedByNode).GetRawText());
        }
    }

    [Theory]
    [InlineData(AdapterKind.PubSub)]
    [InlineData(AdapterKind.Sharded)]
    [InlineData(AdapterKind.Streams)]
    public async Task Clients_of_a_server_go_on_while_Redis_is_killed_and_afterwards_the_servers_are_one_cluster_again(AdapterKind kind)
    {
        await using var one = await ClusterServer.StartAsync(_rig, kind);
        await using var two = await ClusterServer.StartAsync(_rig, kind);
        var (client1, _) = await one.Server.ConnectSocketAsync();
        var (client2, _) = await two.Server.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        {
            await one.WaitForServersAsync(2);
            await _rig.Server.KillAsync();
            await Eventually.HoldsAsync(() => !one.Redis.IsConnected && !two.Redis.IsConnected);

            for (var number = 0; number < 10; number++)
            {
                await one.IO.EmitAsync("e", number);
                Assert.Equal($"42[\"e\",{number}]", await client1.ReadAsync());
            }

            Assert.False((await one.IO.Everybody.FetchSocketsAsync()).IsComplete);
            await _rig.Server.StartAgainAsync();
            while (await one.IO.Everybody.FetchSocketsAsync() is not { IsComplete: true, Count: 2 } || await two.IO.Everybody.FetchSocketsAsync() is not { IsComplete: true, Count: 2 })
                await Task.Yield();

            await one.IO.EmitAsync("again");

            // A stream has what was said meanwhile; channels have not.
            for (var number = 0; kind == AdapterKind.Streams && number < 10; number++)
                Assert.Equal($"42[\"e\",{number}]", await client2.ReadAsync());

            Assert.Equal("42[\"again\"]", await client2.ReadAsync());
        }
    }

    [Theory]
    [InlineData(AdapterKind.PubSub)]
    [InlineData(AdapterKind.Sharded)]
    [InlineData(AdapterKind.Streams)]
    public async Task A_server_that_may_not_subscribe_serves_its_clients_and_is_one_cluster_with_the_others_when_it_may(AdapterKind kind)
    {
        await PermitAsync("on", ">pw", "~*", "+@all", "resetchannels", "&other");
        await using var one = await ClusterServer.StartAsync(await _rig.ConnectAsync(AsUser), kind);
        await using var two = await ClusterServer.StartAsync(_rig, kind);
        var (client, _) = await one.Server.ConnectSocketAsync();
        await using (client)
        {
            await one.IO.EmitAsync("alone");
            Assert.Equal("42[\"alone\"]", await client.ReadAsync());

            await PermitAsync("&socket.io*", "&socket.io#/#*");
            await two.WaitForServersAsync(2);
            while (await two.IO.Everybody.FetchSocketsAsync() is not { IsComplete: true, Count: 1 } || await one.IO.Everybody.FetchSocketsAsync() is not { IsComplete: true, Count: 1 })
                await Task.Yield();

            await two.IO.EmitAsync("together");
            Assert.Equal("42[\"together\"]", await client.ReadAsync());
        }
    }

    [Fact]
    public async Task A_server_that_may_not_read_its_stream_any_more_serves_its_clients_and_catches_up_when_it_may()
    {
        await PermitAsync("on", ">pw", "~*", "+@all", "&*");
        await using var one = await ClusterServer.StartAsync(await _rig.ConnectAsync(AsUser), AdapterKind.Streams, Configure);
        await using var two = await ClusterServer.StartAsync(_rig, AdapterKind.Streams, Configure);
        await using var alice = new Listener(await one.Server.ConnectAsync());
        await using var bob = new Listener(await two.Server.ConnectAsync());
        await ClusterServer.WaitForReadersAsync(_rig, 2);

        // The reading that waits in Redis was permitted.
        await PermitAsync("-xread");
        for (var number = 0; number < 10; number++)
        {
            await one.IO.EmitAsync("e", $"one {number}").WaitAsync(LongestWait);
            await HearsAsync(alice, $"one {number}");
        }

        await two.IO.EmitAsync("e", "two");
        await HearsAsync(bob, "two");
        await PermitAsync("+xread");
        await HearsAsync(alice, "two");
        await one.IO.EmitAsync("e", "one again");
        await HearsAsync(alice, "one again");
        await HearsAsync(bob, "one again");

        string[] said = [.. Enumerable.Range(0, 10).Select(static number => $"one {number}"), "one again"];
        Assert.Equal(said, HeardBy(alice).Where(static text => text != "two"));
        Assert.Equal(said, HeardBy(bob).Where(static text => text != "two"));
        Assert.Null(one.Client.LastFailure);

        // What has a place in the stream has an offset behind it.
        static IEnumerable<string> HeardBy(Listener listener) => listener.Heard.Select(static text => text.Split('"')[0]);

        static Task HearsAsync(Listener listener, string text) => Eventually.HoldsAsync(() => HeardBy(listener).Contains(text));

        static void Configure(RawWs.SocketIO.SocketIOServerOptions options) => options.ConnectionStateRecovery = new();
    }

    [Fact]
    public async Task Whoever_unblocks_the_readers_of_a_stream_ends_no_connection()
    {
        await using var one = await ClusterServer.StartAsync(_rig, AdapterKind.Streams);
        await using var two = await ClusterServer.StartAsync(_rig, AdapterKind.Streams);
        await using var alice = new Listener(await one.Server.ConnectAsync());
        for (var round = 0; round < 3; round++)
        {
            await ClusterServer.WaitForReadersAsync(_rig, 2);
            foreach (var id in await ReadersAsync())
                await _rig.Server.ExecuteAsync("CLIENT", "UNBLOCK", id, "ERROR");

            await two.IO.EmitAsync("e", $"{round}");
            await alice.HearsAsync($"{round}");
        }

        Assert.Equal(["0", "1", "2"], alice.Heard);
        Assert.Null(one.Client.LastFailure);
        Assert.Null(two.Client.LastFailure);

        async Task<string[]> ReadersAsync()
            => [.. (await _rig.Server.ExecuteAsync("CLIENT", "LIST")).ToText()!.Split('\n').Where(static line => line.Contains("cmd=xread", StringComparison.Ordinal)).Select(static line => line["id=".Length..line.IndexOf(' ', StringComparison.Ordinal)])];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_lose_nothing_when_connections_are_reset_again_and_again(bool recovers)
    {
        const int Count = 100;
        await using var one = await ClusterServer.StartAsync(_rig, AdapterKind.Streams, Configure);
        await using var two = await ClusterServer.StartAsync(_rig, AdapterKind.Streams, Configure);
        var (client1, _) = await one.Server.ConnectSocketAsync();
        var (client2, _) = await two.Server.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        {
            await one.WaitForServersAsync(2);
            var saying = SayAsync();
            var (heard1, heard2) = (HearAsync(client1), HearAsync(client2));
            await saying;

            // What Redis had taken from a connection that was reset may have been said again.
            var expected = Enumerable.Range(0, Count);
            Assert.Equal(expected, (await heard1).Distinct());
            Assert.Equal(expected, (await heard2).Distinct());
        }

        void Configure(RawWs.SocketIO.SocketIOServerOptions options) => options.ConnectionStateRecovery = recovers ? new() : null;

        async Task SayAsync()
        {
            for (var number = 0; number < Count; number++)
            {
                var said = one.IO.EmitAsync("e", number);
                if (number % 20 == 10)
                    _rig.Network.Reset();

                await said;
            }
        }

        static async Task<List<int>> HearAsync(EngineClient client)
        {
            var heard = new List<int>();
            while (heard.Count == 0 || heard[^1] != Count - 1)
                heard.Add(System.Text.Json.JsonDocument.Parse((await client.ReadAsync()).AsMemory(2)).RootElement[1].GetInt32());

            return heard;
        }
    }

    private static void AsUser(RedisOptions options) => (options.User, options.Password) = ("one", "pw");

    private async Task PermitAsync(params string[] rules)
        => Assert.Equal("OK", (await _rig.Server.ExecuteAsync("ACL", ["SETUSER", "one", .. rules.Select(static rule => (RedisArgument)rule)])).ToText());
}
