// What is written for Fleck, written for RawWs: docs/migration.md has the two side by side.
using System.Globalization;
using System.Net;
using RawWs;

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 8181;
var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
    Subprotocols = ["superchat", "chat"],
});

server.Map("*", new WebSocketEvents
{
    OnOpen = connection => connection.SendAsync($"{connection.Path} from {connection.RemoteEndPoint}, speaking {connection.Subprotocol}"),
    OnMessage = async (connection, message) =>
    {
        if (message.Type == MessageType.Binary)
            await connection.SendAsync(message);
        else if (message.GetText() == "bye")
            await connection.CloseAsync(CloseCode.NormalClosure, "bye");
        else
            server.Everyone.Broadcast("Echo: " + message.GetText());
    },
    OnClose = (connection, result) => Report($"{connection.Id} has left: {result.ReceivedCode}"),
    OnError = (connection, error) => Report($"{connection.Id}: {error.Message}"),
});

await server.StartAsync();
Console.WriteLine($"Try ws://{server.EndPoints[0]}/ (Ctrl+C stops it)");
await stopping.Task;
await server.StopAsync();

static ValueTask Report(string text)
{
    Console.WriteLine(text);
    return default;
}
