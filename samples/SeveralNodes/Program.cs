// What docs/scale-out.md shows in pieces, as one program: rooms and Socket.IO namespaces that are shared through a Redis on this machine.
using System.Net;
using RawWs;
using RawWs.Redis;
using RawWs.SocketIO;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, 3000)],
    RoomBackplane = new RedisRoomBackplane(RedisOptions.Parse("localhost:6379"), new RedisBackplaneOptions { Mode = RedisBackplaneMode.Streams }),
});

server.Rooms.MessagesLost += () => server.Everyone.OnThisNode.Broadcast("""{"type":"missed"}""");

var redis = new RedisClient(RedisOptions.Parse("localhost:6379"));
var io = new SocketIOServer(server, new SocketIOServerOptions { Adapter = nsp => new RedisAdapter(nsp, redis) });
io.OnConnection(socket => socket.On("chat message", (string text) => io.EmitAsync("chat message", text)));

// A second server of its own kind: servers with different adapters do not hear each other.
var shared = new RoomOptions
{
    SharesPresence = true,
    Notice = change => $"{change.Member.Info} has {(change.HasJoined ? "joined" : "left")}",
};
await using var second = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, 3001)],
    RoomBackplane = new RedisRoomBackplane(RedisOptions.Parse("localhost:6379")),
    RoomOptions = _ => shared,
});
var options = new SocketIOServerOptions
{
    Adapter = nsp => new RedisStreamsAdapter(nsp, redis),
    ConnectionStateRecovery = new() { MaxDisconnectionDuration = TimeSpan.FromMinutes(2) },
};
var recovering = new SocketIOServer(second, options);
recovering.OnConnection(socket => socket.On("chat message", (string text) => recovering.EmitAsync("chat message", text)));

// Wherever a client of one Redis will do, one of a Redis Cluster does too. It connects when there is one, and harms nobody until then.
await using var cluster = new RedisClusterClient(RedisOptions.Parse("localhost:7000,localhost:7001"));
var sharded = new SocketIOServerOptions { Adapter = nsp => new RedisShardedAdapter(nsp, cluster) };
await using var third = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3002)] });
var spread = new SocketIOServer(third, sharded);
spread.OnConnection(socket => socket.On("chat message", (string text) => spread.EmitAsync("chat message", text)));

await second.StartAsync();
await third.StartAsync();
await new RedisEmitter(redis).Of("/admin").To("lobby").EmitAsync("news", 1);
await server.RunAsync(stopping.Token);
await second.StopAsync();
await third.StopAsync();

// The client outlives the servers that use it.
await redis.DisposeAsync();
