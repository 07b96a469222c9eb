// What is written for System.Net.WebSockets, in ASP.NET Core or on an HttpListener, written for RawWs: docs/migration.md has them side by side.
using System.Globalization;
using System.Net;
using RawWs;

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 3000;
var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
    Compression = CompressionMode.Dedicated,
    OriginPolicy = OriginPolicy.Allow("https://client.example"),
    MaxMessageSize = 64 * 1024,
});

server.Map("/ws", async (connection, cancellationToken) =>
{
    while (await connection.ReceiveAsync(cancellationToken) is { } message)
        await connection.SendAsync(message, cancellationToken);
});

server.Map("/broadcast", async (connection, cancellationToken) =>
{
    var everybody = server.Rooms["everybody"];
    everybody.Join(connection);
    while (await connection.ReceiveAsync(cancellationToken) is { } message)
        await everybody.BroadcastAsync(message, cancellationToken: cancellationToken);
});

server.Map("/upload", async (connection, cancellationToken) =>
{
    await using var message = await connection.ReceiveStreamAsync(cancellationToken);
    if (message is not null)
        await message.CopyToAsync(Stream.Null, cancellationToken);

    var result = await connection.CloseAsync(CloseCode.NormalClosure, "thank you");
    Console.WriteLine($"closed by {result.Initiator}, {(result.IsClean ? "cleanly" : "abruptly")}, with {result.ReceivedCode}");
});

await server.StartAsync();
Console.WriteLine($"Try ws://{server.EndPoints[0]}/ws (Ctrl+C stops it)");
await stopping.Task;
await server.StopAsync();
