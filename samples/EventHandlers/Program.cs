// The same server in the style of events: each connection's events come one after the other.
using System.Net;
using RawWs;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };

await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3000)] });
server.Map("/shout", new WebSocketEvents
{
    OnOpen = connection => connection.SendAsync("say something"),
    OnMessage = (connection, message) => connection.SendAsync(message.GetText().ToUpperInvariant()),
    OnError = (connection, error) => Report($"{connection.RemoteEndPoint}: {error.Message}"),
    OnClose = (connection, result) => Report($"{connection.RemoteEndPoint} left: {result.ReceivedCode} {result.ReceivedReason}"),
});
await server.RunAsync(stopping.Token);

static ValueTask Report(string text)
{
    Console.WriteLine(text);
    return default;
}
