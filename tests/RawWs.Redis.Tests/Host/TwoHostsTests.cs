using System.Text.Json.Nodes;
using RawWs.Host.Tests;
using RawWs.Redis.Tests.Servers;

namespace RawWs.Redis.Tests.Host;

/// <summary>Two processes of <c>rawws</c> that share their rooms through a real Redis.</summary>
public sealed class TwoHostsTests
{
    [Theory]
    [InlineData("pubsub")]
    [InlineData("sharded")]
    [InlineData("streams")]
    public async Task The_chat_works_across_two_hosts(string mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RedisHost.StartAsync(rig, mode);
        await using var two = await RedisHost.StartAsync(rig, mode);
        var (alice, _) = await ChatClient.JoinAsync(one, "lobby", "Alice");
        var (bob, _) = await ChatClient.JoinAsync(two, "lobby", "Bob");
        using (alice)
        using (bob)
        {
            for (var number = 0; number < 20; number++)
            {
                await alice.SayAsync($"a-{number}", $"hello {number}");
                Assert.Equal($"a-{number}", (string?)(await alice.ReceiveTalkAsync("message"))["id"]);
                var heard = await bob.ReceiveTalkAsync("message");
                Assert.Equal(($"a-{number}", "Alice", $"hello {number}"), ((string?)heard["id"], (string?)heard["name"], (string?)heard["text"]));
            }

            await bob.SayAsync("b-1", "hello back");
            Assert.Equal("b-1", (string?)(await alice.ReceiveTalkAsync("message"))["id"]);
        }

        // Whoever comes later reads on any node what was said on all.
        using var eve = await ChatClient.ConnectAsync(two, "lobby");
        await eve.SendAsync(new() { ["type"] = "join", ["name"] = "Eve" });
        for (var number = 0; number < 20; number++)
            Assert.Equal($"a-{number}", (string?)(await eve.ReceiveTalkAsync("message"))["id"]);

        // A broadcast counts as published when Redis has confirmed it, which may be after others have heard it.
        var metrics = await RedisHost.MetricAsync(one, "rawws_redis_broadcasts_published_total 20");
        Assert.Contains("\nrawws_redis_connections 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nrawws_redis_broadcasts_received_total 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("\nrawws_backplane_losses_total ", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_Redis_each_host_goes_on_by_itself_says_so_and_tells_its_members_what_may_be_missing()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RedisHost.StartAsync(rig, "pubsub");
        await using var two = await RedisHost.StartAsync(rig, "pubsub");
        var (alice, _) = await ChatClient.JoinAsync(one, "lobby", "Alice");
        var (bob, _) = await ChatClient.JoinAsync(two, "lobby", "Bob");
        using (alice)
        using (bob)
        {
            await CutAsync(rig, one, two);
            await bob.SayAsync("b-1", "anybody?");
            Assert.Equal("b-1", (string?)(await bob.ReceiveTalkAsync("message"))["id"]);

            await ResumeAsync(rig, one, two);
            await bob.ReceiveTalkAsync("missed");
            var missed = await alice.ReceiveTalkAsync("missed");
            Assert.NotNull((string?)missed["id"]);
            await bob.SayAsync("b-2", "here we are again");
            Assert.Equal("b-2", (string?)(await bob.ReceiveTalkAsync("message"))["id"]);

            // What waited may have been sent before the other node could hear, who is told that in any case.
            var next = await alice.ReceiveTalkAsync("message");
            if ((string?)next["id"] == "b-1")
                next = await alice.ReceiveTalkAsync("message");

            Assert.Equal("b-2", (string?)next["id"]);
        }
    }

    [Fact]
    public async Task A_Redis_that_comes_and_goes_while_nobody_says_anything_is_told_of_once()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RedisHost.StartAsync(rig, "pubsub");
        await using var two = await RedisHost.StartAsync(rig, "pubsub");
        var (alice, _) = await ChatClient.JoinAsync(one, "lobby", "Alice");
        var (bob, _) = await ChatClient.JoinAsync(two, "lobby", "Bob");
        using (alice)
        using (bob)
        {
            for (var round = 0; round < 3; round++)
            {
                await CutAsync(rig, one, two);
                await ResumeAsync(rig, one, two);
                if (round > 0)
                    continue;

                await alice.ReceiveTalkAsync("missed");
                await bob.ReceiveTalkAsync("missed");
            }

            await bob.SayAsync("b-1", "so quiet here");
            Assert.Equal("b-1", (string?)(await alice.ReceiveTalkAsync("message"))["id"]);
            Assert.Equal("b-1", (string?)(await bob.ReceiveTalkAsync("message"))["id"]);
        }
    }

    [Theory]
    [InlineData("pubsub")]
    [InlineData("sharded")]
    [InlineData("streams")]
    public async Task Who_is_here_are_those_of_both_hosts_until_one_is_killed_and_those_of_the_next(string mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RedisHost.StartAsync(rig, mode);
        var (alice, aliceNumber) = await ChatClient.JoinAsync(one, "lobby", "Alice");
        using (alice)
        {
            string serverOfBob;
            await using (var two = await RedisHost.StartAsync(rig, mode))
            {
                await RedisHost.MetricAsync(two, "rawws_redis_presence_members 1");
                using var bob = await ChatClient.ConnectAsync(two, "lobby");
                await bob.SendAsync(new() { ["type"] = "join", ["name"] = "Bob" });
                var welcome = await bob.ReceiveAsync("welcome");
                serverOfBob = (string)welcome["server"]!;
                Assert.Equal(["Alice", "Bob"], welcome["here"]!.AsArray().Select(member => (string?)member!["name"]).Order());

                var joined = await HearOfAsync(alice, "joined", "Bob");
                Assert.Equal((serverOfBob, (long)welcome["member"]!), ((string?)joined["server"], (long)joined["member"]!));

                // Who says something is called as in the list.
                await alice.SayAsync("a-1", "hello");
                var heard = await bob.ReceiveTalkAsync("message");
                var listed = welcome["here"]!.AsArray().Single(member => (string?)member!["name"] == "Alice")!;
                Assert.Equal(((string?)listed["server"], aliceNumber), ((string?)heard["server"], (long)heard["member"]!));
                Assert.Equal("a-1", (string?)(await alice.ReceiveTalkAsync("message"))["id"]);

                await two.SignalAsync("KILL");
                Assert.Equal(serverOfBob, (string?)(await HearOfAsync(alice, "left", "Bob"))["server"]);
            }

            await using var next = await RedisHost.StartAsync(rig, mode);
            var (again, _) = await ChatClient.JoinAsync(next, "lounge", "Bob");
            using (again)
            {
                using var eve = await ChatClient.ConnectAsync(next, "lobby");
                await eve.SendAsync(new() { ["type"] = "join", ["name"] = "Eve" });
                Assert.NotEqual(serverOfBob, (string?)(await HearOfAsync(alice, "joined", "Eve"))["server"]);
            }
        }
    }

    [Fact]
    public async Task Who_is_on_a_host_that_stands_still_has_left_and_is_back_when_it_goes_on()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RedisHost.StartAsync(rig, "pubsub");
        await using var two = await RedisHost.StartAsync(rig, "pubsub");
        var (alice, _) = await ChatClient.JoinAsync(one, "lobby", "Alice");
        var (bob, number) = await ChatClient.JoinAsync(two, "lobby", "Bob");
        using (alice)
        using (bob)
        {
            await HearOfAsync(alice, "joined", "Bob");

            await two.SignalAsync("STOP");
            Assert.Equal(number, (long)(await HearOfAsync(alice, "left", "Bob"))["member"]!);

            await two.SignalAsync("CONT");
            Assert.Equal(number, (long)(await HearOfAsync(alice, "joined", "Bob"))["member"]!);
        }
    }

    /// <summary>Reads up to the event of this type that is about somebody. A host that this machine lets stand still for long has left meanwhile, and is back.</summary>
    private static async Task<JsonObject> HearOfAsync(ChatClient client, string type, string name)
    {
        while (true)
        {
            if (await client.ReceiveAsync() is var received && (string?)received["type"] == type && (string?)received["name"] == name)
                return received;
        }
    }

    private static Task CutAsync(RedisRig rig, params RawwsProcess[] hosts)
    {
        rig.Network.Refuse();
        return RedisHost.WaitForLossAsync(hosts);
    }

    private static Task ResumeAsync(RedisRig rig, params RawwsProcess[] hosts)
    {
        rig.Network.Resume();
        return RedisHost.WaitForConnectionAsync(hosts);
    }
}
