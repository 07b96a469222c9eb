using System.Net.WebSockets;
using System.Text;
using RawWs.Host.Tests;
using RawWs.Redis.Tests.Servers;

namespace RawWs.Redis.Tests.Host;

/// <summary>Two processes of <c>rawws</c> that share their rooms through a real Redis.</summary>
public sealed class TwoHostsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData("pubsub")]
    [InlineData("streams")]
    public async Task The_chat_works_across_two_hosts(string mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await StartAsync(rig, mode);
        await using var two = await StartAsync(rig, mode);
        var (alice, _) = await ChatClient.JoinAsync(one, "lobby", "Alice");
        var (bob, _) = await ChatClient.JoinAsync(two, "lobby", "Bob");
        using (alice)
        using (bob)
        {
            for (var number = 0; number < 20; number++)
            {
                await alice.SayAsync($"a-{number}", $"hello {number}");
                Assert.Equal($"a-{number}", (string?)(await alice.ReceiveAsync("message"))["id"]);
                var heard = await bob.ReceiveAsync("message");
                Assert.Equal(($"a-{number}", "Alice", $"hello {number}"), ((string?)heard["id"], (string?)heard["name"], (string?)heard["text"]));
            }

            await bob.SayAsync("b-1", "hello back");
            Assert.Equal("b-1", (string?)(await alice.ReceiveAsync("message"))["id"]);
        }

        // Whoever comes later reads on any node what was said on all.
        using var eve = await ChatClient.ConnectAsync(two, "lobby");
        await eve.SendAsync(new() { ["type"] = "join", ["name"] = "Eve" });
        for (var number = 0; number < 20; number++)
            Assert.Equal($"a-{number}", (string?)(await eve.ReceiveAsync("message"))["id"]);

        // A broadcast counts as published when Redis has confirmed it, which may be after others have heard it.
        using var http = HttpOf(one);
        string metrics;
        while (!(metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), one.Deadline)).Contains("\nrawws_redis_broadcasts_published_total 20\n", StringComparison.Ordinal))
            await Task.Delay(Interval, one.Deadline);

        Assert.Contains("\nrawws_redis_connections 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nrawws_redis_broadcasts_received_total 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("\nrawws_backplane_losses_total ", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_Redis_each_host_goes_on_by_itself_says_so_and_tells_its_members_what_may_be_missing()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await StartAsync(rig, "pubsub");
        await using var two = await StartAsync(rig, "pubsub");
        var (alice, _) = await ChatClient.JoinAsync(one, "lobby", "Alice");
        var (bob, _) = await ChatClient.JoinAsync(two, "lobby", "Bob");
        using (alice)
        using (bob)
        {
            rig.Network.Refuse();
            await ReadyAsync(one, "ready\nredis: not connected\n");
            await ReadyAsync(two, "ready\nredis: not connected\n");
            await bob.SayAsync("b-1", "anybody?");
            Assert.Equal("b-1", (string?)(await bob.ReceiveAsync("message"))["id"]);

            rig.Network.Resume();
            await ReadyAsync(one, "ready\nredis: connected\n");
            await ReadyAsync(two, "ready\nredis: connected\n");
            await bob.ReceiveAsync("missed");
            await bob.SayAsync("b-2", "here we are again");
            Assert.Equal("b-2", (string?)(await bob.ReceiveAsync("message"))["id"]);

            // What waited may have been sent before the other node could hear, who is told that in any case.
            var missed = await alice.ReceiveAsync("missed");
            Assert.NotNull((string?)missed["id"]);
            var next = await alice.ReceiveAsync("message");
            if ((string?)next["id"] == "b-1")
                next = await alice.ReceiveAsync("message");

            Assert.Equal("b-2", (string?)next["id"]);
        }
    }

    [Fact]
    public async Task The_chat_of_the_Socket_IO_tutorial_works_across_two_hosts()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await StartAsync(rig, "pubsub", "--socketio");
        await using var two = await StartAsync(rig, "pubsub", "--socketio");
        using var alice = await JoinTutorialAsync(one);
        await SayAsync(one, alice, "I am here");
        using var bob = await JoinTutorialAsync(two);
        await SayAsync(two, bob, "hello");
        Assert.Equal("""42["chat message","hello"]""", await HearAsync(one, alice));

        // Both have been heard, and so are there to hear.
        await SayAsync(one, alice, "hello back");
        Assert.Equal("""42["chat message","hello back"]""", await HearAsync(two, bob));
    }

    private static async Task<ClientWebSocket> JoinTutorialAsync(RawwsProcess rawws)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, rawws.Deadline);
        Assert.StartsWith("0{", await HearAsync(rawws, client), StringComparison.Ordinal);
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

    private static async Task<RawwsProcess> StartAsync(RedisRig rig, string mode, params string[] more)
    {
        var rawws = await RawwsProcess.StartAsync(["--port", "0", "--redis", rig.Network.Address, "--redis-mode", mode, .. more]);
        await ReadyAsync(rawws, "ready\nredis: connected\n");
        return rawws;
    }

    private static async Task ReadyAsync(RawwsProcess rawws, string expected)
    {
        using var http = HttpOf(rawws);
        while (await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), rawws.Deadline) != expected)
            await Task.Delay(Interval, rawws.Deadline);
    }

    private static HttpClient HttpOf(RawwsProcess rawws) => new() { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http" }.Uri };
}
