// What the README and docs/socketio.md show in pieces, as one program: a room, plain HTTP beside it, Socket.IO, a restart that takes its time.
using System.Net;
using System.Text.RegularExpressions;
using RawWs;
using RawWs.SocketIO;

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
    RoomOptions = name => name.StartsWith("prices/", StringComparison.Ordinal) ? new RoomOptions { ConflationKey = SymbolOf } : null,
});

server.Map("/rooms/*", async (connection, cancellationToken) =>
{
    var room = server.Rooms[connection.Path];
    room.Join(connection);

    // Awaited, so that whoever sends a lot is held to the pace of those who read.
    await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        await room.BroadcastAsync(message, except: connection, cancellationToken: cancellationToken);
});

server.MapGet("/rooms", (request, cancellationToken) => new(HttpResponse.Text($"{server.Connections.Count} are here")));

server.MapHttp("/announcements", new HttpRoute(async (request, cancellationToken) =>
{
    var text = await request.ReadBodyAsync(cancellationToken);    // at most MaxBodySize bytes; more is answered with 413
    server.Everyone.Broadcast(System.Text.Encoding.UTF8.GetString(text.Span));
    return HttpResponse.Empty();
})
{
    Methods = ["POST"],
    MaxBodySize = 4_096,
});

var io = new SocketIOServer(server, new() { ConnectionStateRecovery = new() { MaxDisconnectionDuration = TimeSpan.FromMinutes(2) } });

var rooms = io.Of(new Regex("^/room-[0-9]+$"));                                     // or a function of the name and the client's auth
rooms.OnConnection(socket => socket.Broadcast.EmitAsync("joined", socket.Id));      // in /room-1 for who is in /room-1
await rooms.EmitAsync("news");                                                      // in all of them

await server.StartAsync();

server.Rooms["/rooms/lobby"].Broadcast("hello");                                    // to everybody in a room
server.Rooms["/rooms/news", "/rooms/sports"].Broadcast("goal!");                    // to everybody in several, each once
server.Everyone.Except(server.Rooms["/rooms/quiet"]).Broadcast("tea is ready");     // to all the others

await io.CloseAsync();

await server.StopAsync(new DrainOptions
{
    CloseCode = CloseCode.ServiceRestart,     // 1012: come back soon
    Window = TimeSpan.FromSeconds(20),        // but not all at the same moment
    Timeout = TimeSpan.FromSeconds(60),       // what is left then is aborted
});

static string SymbolOf(PreparedMessage price) => System.Text.Encoding.UTF8.GetString(price.Payload.Span[..price.Payload.Span.IndexOf((byte)' ')]);
