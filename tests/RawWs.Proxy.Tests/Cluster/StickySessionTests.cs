using RawWs.Testing;

namespace RawWs.Proxy.Tests.Cluster;

/// <summary>Clients of Socket.IO on two nodes behind one proxy, with the configurations of <c>eng/proxies</c> that <c>docs/scale-out.md</c> tells of.</summary>
public sealed class StickySessionTests
{
    private const string Polling = "['polling']", Upgrading = "['polling', 'websocket']";

    private static readonly NodeScripts Scripts = new("socket.io-client", "socket.io-client");

    [Theory]
    [InlineData(Stickiness.NginxAddress, Polling, "KILL")]
    [InlineData(Stickiness.NginxAddress, Upgrading, "TERM")]
    [InlineData(Stickiness.NginxCookie, Polling, "TERM")]
    [InlineData(Stickiness.NginxCookie, Upgrading, "KILL")]
    [InlineData(Stickiness.HAProxyCookie, Polling, "KILL")]
    [InlineData(Stickiness.HAProxyCookie, Upgrading, "TERM")]
    [InlineData(Stickiness.HAProxyAddress, Polling, "TERM")]
    [InlineData(Stickiness.HAProxyAddress, Upgrading, "KILL")]
    public async Task Clients_stay_on_their_node_hear_all_others_and_come_back_on_another_when_it_ends(Stickiness stickiness, string transports, string signal)
    {
        var obstacle = await Scripts.InstallAsync();
        Assert.SkipUnless(obstacle is null, obstacle ?? "");
        await using var cluster = await ProxiedCluster.StartAsync(stickiness);
        await using var node = Scripts.Start("clients.mjs", $"{cluster.Url}");

        // Each has an address, and a cookie, of its own. A hash leads anywhere: so many come until there is one on each node.
        var homes = new List<int>();
        int[] counts = [0, 0];
        while (counts.Contains(0))
        {
            await node.EvaluateAsync($"await open({homes.Count}, '{LoopbackAddresses.Next()}', {transports}, {(cluster.NeedsCookies ? "true" : "false")})");
            var next = await cluster.CountAsync(homes.Count + 1);
            homes.Add(next[0] > counts[0] ? 0 : 1);
            counts = next;
        }

        // Each of these takes several requests of a client that polls, and one that went elsewhere would end its session.
        for (var number = 0; number < 20; number++)
            await TalkAsync(node, speaker: number % homes.Count, listenerCount: homes.Count, $"message {number}");

        Assert.Equal(0, await LossCountAsync(node));

        // Whose node ends comes back on the other; who is there notices nothing.
        var ending = homes[^1];
        await cluster.EndAsync(ending, signal);
        for (var client = 0; client < homes.Count; client++)
            await node.EvaluateAsync($"await connected({client}, {(homes[client] == ending ? 1 : 0)})");

        for (var speaker = 0; speaker < homes.Count; speaker++)
            await TalkAsync(node, speaker, homes.Count, $"afterwards {speaker}");

        for (var client = 0; client < homes.Count; client++)
        {
            if (homes[client] != ending)
                Assert.Equal(0, (await node.EvaluateAsync($"return clients.get({client}).losses")).GetInt32());
        }
    }

    private static async Task TalkAsync(NodeProcess node, int speaker, int listenerCount, string text)
    {
        await node.EvaluateAsync($"await say({speaker}, '{text}')");
        for (var listener = 0; listener < listenerCount; listener++)
            await node.EvaluateAsync($"await hears({listener}, '{text}')");
    }

    private static async Task<int> LossCountAsync(NodeProcess node)
        => (await node.EvaluateAsync("return [...clients.values()].reduce((sum, client) => sum + client.losses, 0)")).GetInt32();
}
