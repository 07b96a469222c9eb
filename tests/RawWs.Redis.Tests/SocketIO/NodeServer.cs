using System.Text.Json;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>A Socket.IO server for Node with its own Redis adapter, a client of its own and an emitter: a process that does what it is told in JavaScript. It ends when this is disposed.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private static readonly NodeScripts Scripts = new("socket.io-redis", "@socket.io/redis-adapter", "@socket.io/redis-emitter", "@socket.io/redis-streams-adapter", "redis", "socket.io", "socket.io-client");

    private readonly NodeProcess _process;

    private NodeServer(NodeProcess process) => _process = process;

    /// <summary>Starts one that is connected to Redis, with its client, or skips the test that wants it.</summary>
    /// <param name="address">Where Redis is.</param>
    /// <param name="kind">Its adapter.</param>
    /// <param name="recovers">Whether it recovers connections.</param>
    public static async Task<NodeServer> StartAsync(string address, AdapterKind kind, bool recovers = false)
    {
        var obstacle = await Scripts.InstallAsync();
        Assert.SkipUnless(obstacle is null, obstacle ?? "");
        var node = new NodeServer(Scripts.Start("server.mjs", $"redis://{address}", "socket.io", $"{kind}".ToLowerInvariant(), recovers ? "recovery" : ""));
        await node.EvaluateAsync("return client.connected");
        return node;
    }

    /// <summary>Has it run the body of an asynchronous function, which knows what <c>server.mjs</c> does: <c>io</c>, <c>client</c>, <c>take(count)</c> and so on.</summary>
    /// <returns>What the function returns, as JSON.</returns>
    public Task<JsonElement> EvaluateAsync(string code) => _process.EvaluateAsync(code);

    /// <summary>Ends it without a word: <c>kill -9</c>.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
