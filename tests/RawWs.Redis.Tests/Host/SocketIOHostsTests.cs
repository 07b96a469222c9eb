using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using RawWs.Host.Tests;
using RawWs.Redis.Tests.Servers;

namespace RawWs.Redis.Tests.Host;

/// <summary>Two processes of <c>rawws</c> that share their Socket.IO namespaces through a real Redis.</summary>
public sealed class SocketIOHostsTests
{
    [Theory]
    [InlineData("pubsub")]
    [InlineData("sharded")]
    [InlineData("streams")]
    public async Task The_chat_of_the_tutorial_works_across_two_hosts(string mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await TalkAsync(rig.Network.Address, mode);
    }

    [Theory]
    [InlineData("pubsub")]
    [InlineData("sharded")]
    [InlineData("streams")]
    public async Task The_chat_of_the_tutorial_works_across_two_hosts_that_share_a_cluster(string mode)
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await TalkAsync(rig.Address, mode);
    }

    [Fact]
    public async Task A_client_that_lost_its_connection_comes_back_on_the_other_host_and_is_sent_what_it_missed()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await StartAsync(rig.Network.Address, "streams", "--socketio-recovery", "120");
        await using var two = await StartAsync(rig.Network.Address, "streams", "--socketio-recovery", "120");
        using var bob = await JoinAsync(two);
        var alice = await ConnectAsync(one);
        await alice.SendAsync("40", one.Deadline);
        var ids = JsonNode.Parse((await HearAsync(one, alice))["40".Length..])!;

        // The offset is the last string of whatever event one gets.
        await bob.SendAsync("""42["chat message","before"]""", two.Deadline);
        var before = JsonNode.Parse((await HearAsync(one, alice))["42".Length..])!.AsArray();
        Assert.Equal("before", (string?)before[1]);
        alice.Abort();
        alice.Dispose();

        // The host has noticed, and written down who it was.
        while ((await rig.Server.ExecuteAsync("EXISTS", $"sio:session:{ids["pid"]}")).ToInteger() != 1)
            one.Deadline.ThrowIfCancellationRequested();

        await bob.SendAsync("""42["chat message","meanwhile"]""", two.Deadline);
        Assert.StartsWith("""42["chat message","before",""", await HearAsync(two, bob), StringComparison.Ordinal);
        Assert.StartsWith("""42["chat message","meanwhile",""", await HearAsync(two, bob), StringComparison.Ordinal);

        using var again = await ConnectAsync(two);
        await again.SendAsync("40" + new JsonObject { ["pid"] = (string?)ids["pid"], ["offset"] = (string?)before[2] }.ToJsonString(), two.Deadline);
        Assert.StartsWith("""42["chat message","meanwhile",""", await HearAsync(two, again), StringComparison.Ordinal);
        Assert.Equal((string?)ids["sid"], (string?)JsonNode.Parse((await HearAsync(two, again))["40".Length..])!["sid"]);
    }

    private static async Task TalkAsync(string address, string mode)
    {
        await using var one = await StartAsync(address, mode);
        using var alice = await JoinAsync(one);
        await SayAsync(one, alice, "I am here");

        // Only now, so that it has not heard that.
        await using var two = await StartAsync(address, mode);
        using var bob = await JoinAsync(two);
        await SayAsync(two, bob, "hello");
        Assert.Equal("""42["chat message","hello"]""", await HearAsync(one, alice));

        // Both have been heard, and so are there to hear.
        await SayAsync(one, alice, "hello back");
        Assert.Equal("""42["chat message","hello back"]""", await HearAsync(two, bob));
    }

    private static Task<RawwsProcess> StartAsync(string address, string mode, params string[] args)
        => RawwsProcess.StartAsync(["--port", "0", "--socketio", "--redis", address, "--redis-mode", mode, .. args]);

    private static async Task<ClientWebSocket> ConnectAsync(RawwsProcess rawws)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, rawws.Deadline);
        Assert.StartsWith("0{", await HearAsync(rawws, client), StringComparison.Ordinal);
        return client;
    }

    // A client is let in when its server hears the others.
    private static async Task<ClientWebSocket> JoinAsync(RawwsProcess rawws)
    {
        var client = await ConnectAsync(rawws);
        await client.SendAsync("40", rawws.Deadline);
        Assert.StartsWith("40{", await HearAsync(rawws, client), StringComparison.Ordinal);
        return client;
    }

    private static async Task SayAsync(RawwsProcess rawws, ClientWebSocket client, string text)
    {
        await client.SendAsync($"420[\"chat message\",\"{text}\"]", rawws.Deadline);
        Assert.Equal([$"42[\"chat message\",\"{text}\"]", "430[]"], [await HearAsync(rawws, client), await HearAsync(rawws, client)]);
    }

    /// <summary>The next message, but for heartbeats, which are answered.</summary>
    private static async Task<string> HearAsync(RawwsProcess rawws, ClientWebSocket client)
    {
        while (true)
        {
            var text = Encoding.UTF8.GetString((await client.ReceiveMessageAsync(rawws.Deadline)).Payload);
            if (text != "2")
                return text;

            await client.SendAsync("3", rawws.Deadline);
        }
    }
}
