// What is written for websocket-sharp, written for RawWs: docs/migration.md has the two side by side.
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using RawWs;
using RawWs.Samples;

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 4649;
var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
    OriginPolicy = OriginPolicy.Allow("http://localhost:4649"),
    OnUpgrade = (request, _) => new(IsNobita(request)
        ? UpgradeResponse.Accept(userState: "nobita")
        : UpgradeResponse.Refuse(HttpStatusCode.Unauthorized, headers: new ResponseHeaders { { "WWW-Authenticate", "Basic realm=\"WebSocket Test\"" } })),
});

server.Map("/Echo", async (connection, cancellationToken) =>
{
    await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        await connection.SendAsync(message, cancellationToken);
});
server.Map("/Chat", (connection, cancellationToken) => new Chat(server, suffix: "").RunAsync(connection, cancellationToken));
server.Map("/ChatWithNiceBoat", (connection, cancellationToken) => new Chat(server, suffix: " Nice boat.").RunAsync(connection, cancellationToken));
server.MapGet("/", (request, _) => new(HttpResponse.Text("the page")));

await server.StartAsync();
Console.WriteLine($"Try ws://{server.EndPoints[0]}/Chat as nobita, with the password 'password' (Ctrl+C stops it)");
await stopping.Task;
await server.StopAsync();

// RFC 7617, compared in a time that tells nothing.
static bool IsNobita(UpgradeRequest request)
    => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(request.GetHeader("Authorization") ?? ""),
        Encoding.UTF8.GetBytes("Basic " + Convert.ToBase64String("nobita:password"u8)));
