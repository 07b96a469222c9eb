// A chat: connect to ws://localhost:3000/rooms/lobby?name=Ada and send text. Everybody in the room gets it; who joins gets what was said last, and who is here.
using System.Globalization;
using System.Net;
using System.Text.Json;
using RawWs;

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 3000;
var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
    MaxMessageSize = 4 * 1024,
    MaxMessageRate = new RateLimit(perSecond: 10, burst: 50),
    OnUpgrade = (request, _) => new(request.GetQueryValue("name") is { Length: > 0 and <= 32 } name
        ? UpgradeResponse.Accept(userState: name)
        : UpgradeResponse.Refuse(HttpStatusCode.BadRequest, "say who you are, in 32 characters: /rooms/lobby?name=Ada")),
    RoomOptions = _ => new RoomOptions
    {
        HistoryCount = 50,
        Notice = change => Json(new { type = change.HasJoined ? "joined" : "left", name = change.Member.Info }),
    },
});
server.Map("/rooms/*", async (connection, cancellationToken) =>
{
    var name = (string)connection.UserState!; // Nobody gets in without one.
    var room = server.Rooms[connection.Path];

    // The others are sent the notice, and this one the history. Leaving is not forgotten: it happens when the connection ends.
    room.Join(connection, info: name);
    await connection.SendAsync(Json(new { type = "here", names = room.Presence.Select(member => member.Info).Order() }), cancellationToken: cancellationToken);

    await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
    {
        if (message.Type != MessageType.Text)
        {
            await connection.CloseAsync(CloseCode.UnsupportedData, "only text is said here");
            return;
        }

        // Awaited, so that whoever writes a lot is held to the pace of those who read.
        await room.BroadcastAsync(Json(new { type = "said", name, text = message.GetText() }), cancellationToken: cancellationToken);
    }
});

await server.StartAsync();
Console.WriteLine($"Chat at ws://{server.EndPoints[0]}/rooms/lobby?name=Ada (Ctrl+C stops it)");
await stopping.Task;
await server.StopAsync();

static PreparedMessage Json<T>(T value) => JsonSerializer.Serialize(value);
