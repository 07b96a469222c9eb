// Who may connect is decided before the connection opens: by cookie, query, header, origin or address.
using System.Net;
using RawWs;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, 3000)],
    Subprotocols = ["greeting.v2", "greeting.v1"],
    OriginPolicy = OriginPolicy.Allow("https://example.com", "https://*.example.com", "http://localhost:8080"),
    OnUpgrade = async (request, cancellationToken) =>
    {
        var user = await FindUserAsync(request.GetCookie("session") ?? request.GetQueryValue("token"), cancellationToken);
        return user is null
            ? UpgradeResponse.Refuse(HttpStatusCode.Unauthorized, "log in first")
            : UpgradeResponse.Accept(userState: user, headers: new ResponseHeaders { { "Set-Cookie", "seen=1; HttpOnly; SameSite=Strict" } });
    },
});
server.Map("/greeting", async (connection, cancellationToken) =>
{
    await connection.SendAsync($"hello {connection.UserState}, this is {connection.Subprotocol ?? "no subprotocol"}", cancellationToken);

    // Closing is the session's return; the token is cancelled when the peer has gone.
    while (await connection.ReceiveAsync(cancellationToken) is { } message)
        await connection.SendAsync(message, cancellationToken);
});
await server.RunAsync(stopping.Token);

static ValueTask<string?> FindUserAsync(string? ticket, CancellationToken cancellationToken)
{
    cancellationToken.ThrowIfCancellationRequested();
    return ValueTask.FromResult(ticket == "a-ticket-that-only-alice-has" ? "Alice" : null);
}
