using System.Net;
using RawWs;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };

await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3000)] });
await server.RunAsync(async (connection, cancellationToken) =>
{
    // Each message is valid until the next iteration; copy what you keep.
    await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        await connection.SendAsync(message, cancellationToken);
}, stopping.Token);
