using System.Text.Json;
using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Clients that come back when a replica has become the primary that had not had everything. docs/scale-out.md has each of these by its name.</summary>
public sealed class RecoveryFailoverTests
{
    [Fact]
    public async Task Who_may_have_missed_what_a_replica_had_not_had_begins_anew_and_who_comes_later_is_recovered_again()
    {
        await using var failover = await FailoverRig.StartAsync();
        var redis = new RedisClient(failover.Options());
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        await using var server = await ClusterServer.StartAsync(redis, AdapterKind.Streams, static options => options.ConnectionStateRecovery = new());

        // One is away when something is said that the replica does not get, and one hears it.
        var away = await ConnectAsync(server);
        await away.LoseAsync();
        await WaitForSessionAsync(failover.Primary, away);
        var there = await ConnectAsync(server);
        await failover.CutReplicationAsync();
        await server.IO.EmitAsync("lost", "with the primary");
        await there.ReadAsync("lost");

        await failover.FailOverAsync();
        await Eventually.HoldsAsync(() => redis.ConnectionCount == 0 && server.Adapter.LastOffset is null);
        failover.Follow();
        await Eventually.HoldsAsync(() => server.Adapter.LastOffset is not null);
        await there.LoseAsync();
        await WaitForSessionAsync(failover.Replica, there);

        Assert.False(await IsRecoveredAsync(server, away));
        Assert.False(await IsRecoveredAsync(server, there));
        var later = await ConnectAsync(server);
        await later.LoseAsync();
        await WaitForSessionAsync(failover.Replica, later);
        Assert.True(await IsRecoveredAsync(server, later));
    }

    private static async Task<Visitor> ConnectAsync(ClusterServer server)
    {
        var (client, socket) = await server.Server.ConnectSocketAsync();
        var visitor = new Visitor(client, socket, SocketIOClients.Read(client.LastMessage).PrivateId!); // It recovers connections.
        await socket.EmitAsync("hello", "you");
        await visitor.ReadAsync("hello");
        return visitor;
    }

    private static async Task<bool> IsRecoveredAsync(ClusterServer server, Visitor visitor)
    {
        await using var again = await server.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{visitor.PrivateId}}","offset":"{{visitor.Offset}}"}""");
        var isRecovered = SocketIOClients.Read(await again.ReadAsync()).Id == visitor.Socket.Id;

        // Either way it hears what is said now.
        await server.IO.EmitAsync("now", "all");
        Assert.StartsWith("42[\"now\"", await again.ReadAsync(), StringComparison.Ordinal);
        return isRecovered;
    }

    private static async Task WaitForSessionAsync(RedisServerProcess redis, Visitor visitor)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await redis.ExecuteAsync("EXISTS", "sio:session:" + visitor.PrivateId)).ToInteger() != 1)
            deadline.Token.ThrowIfCancellationRequested();
    }

    /// <summary>A client that knows the place of what it heard last.</summary>
    private sealed class Visitor(EngineClient client, SocketIOSocket socket, string privateId)
    {
        public SocketIOSocket Socket => socket;

        public string PrivateId => privateId;

        public string Offset { get; private set; } = "";

        public async Task ReadAsync(string name)
        {
            var message = await client.ReadAsync();
            Assert.StartsWith($"42[\"{name}\",", message, StringComparison.Ordinal);
            Offset = JsonDocument.Parse(message.AsMemory(2)).RootElement[2].GetString()!; // An event with one argument.
        }

        public async Task LoseAsync()
        {
            client.WebSocket.Abort();
            await Eventually.HoldsAsync(() => !socket.IsConnected);
            await client.DisposeAsync();
        }
    }
}
