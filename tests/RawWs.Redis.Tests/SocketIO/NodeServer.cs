using System.Text.Json;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>A Socket.IO server for Node with its own Redis adapter, a client of its own and an emitter: a process that does what it is told in JavaScript. It ends when this is disposed.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private static readonly NodeScripts Scripts = new("socket.io-redis", "@socket.io/redis-adapter", "@socket.io/redis-emitter", "redis", "socket.io", "socket.io-client");

    private readonly NodeProcess _process;

    private NodeServer(NodeProcess process) => _process = process;

    /// <summary>Starts one that is connected to Redis, with its client, or skips the test that wants it.</summary>
    /// <param name="address">Where Redis is.</param>
    /// <param name="key">What the names of channels begin with.</param>
    public static async Task<NodeServer> StartAsync(string address, string key = "socket.io")
    {
        var obstacle = await Scripts.InstallAsync();
        Assert.SkipUnless(obstacle is null, obstacle ?? "");
        var node = new NodeServer(Scripts.Start("server.mjs", $"redis://{address}", key));
        await node.EvaluateAsync("return client.connected");
        return node;
    }

    /// <summary>Has it run the body of an asynchronous function, which knows <c>io</c>, <c>client</c>, <c>socket</c>, <c>emitter</c>, <c>take(count)</c> and <c>until(condition)</c>.</summary>
    /// <returns>What the function returns, as JSON.</returns>
    public Task<JsonElement> EvaluateAsync(string code) => _process.EvaluateAsync(code);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
