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
await using var second = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3001)] });
var options = new SocketIOServerOptions
{
    Adapter = nsp => new RedisStreamsAdapter(nsp, redis),
    ConnectionStateRecovery = new() { MaxDisconnectionDuration = TimeSpan.FromMinutes(2) },
};
var recovering = new SocketIOServer(second, options);
recovering.OnConnection(socket => socket.On("chat message", (string text) => recovering.EmitAsync("chat message", text)));

await second.StartAsync();
await new RedisEmitter(redis).Of("/admin").To("lobby").EmitAsync("news", 1);
await server.RunAsync(stopping.Token);
await second.StopAsync();

// The client outlives the servers that use it.
await redis.DisposeAsync();
