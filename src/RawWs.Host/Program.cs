using System.Net;
using RawWs;
var port = int.Parse(args[^1]);
await using var server = new WebSocketServer(new WebSocketServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, port)], MaxMessageSize = 16 << 20 });
server.Map("*", async (connection, ct) =>
{
    await foreach (var message in connection.ReadMessagesAsync(ct))
        await connection.SendAsync(message, ct);
});
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
await server.RunAsync(stop.Token);
