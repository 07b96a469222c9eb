// Messages larger than memory, both ways: an upload is hashed as it comes, a download is sent as it is made. With a number of bytes, --demo does both with a client of its own.
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using RawWs;
using RawWs.Samples;

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : args.Length == 0 ? 3000 : 0;
var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
    MaxStreamedMessageSize = 16L << 30,
});
server.Map("/upload", async (connection, cancellationToken) =>
{
    // Nothing of it is held but the piece at hand; while it is being hashed, the peer is held back by TCP.
    await using var message = await connection.ReceiveStreamAsync(cancellationToken);
    if (message is not null)
        await connection.SendAsync(Convert.ToHexStringLower(await SHA256.HashDataAsync(message, cancellationToken)), cancellationToken);
});
server.Map("/download", async (connection, cancellationToken) =>
{
    // Read in pieces, each sent as a frame: the message needs no length in advance, and no memory but for a piece.
    await using var content = new GeneratedStream(long.Parse(connection.Query.TrimStart('?'), NumberStyles.None, CultureInfo.InvariantCulture));
    await connection.SendAsync(content, MessageType.Binary, cancellationToken);
});

await server.StartAsync();
if (args is ["--demo", var size])
    return await Demo.RunAsync((IPEndPoint)server.EndPoints[0], long.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture));

Console.WriteLine($"Send to ws://{server.EndPoints[0]}/upload, or receive from /download?1073741824 (Ctrl+C stops it)");
await stopping.Task;
await server.StopAsync();
return 0;
