// Who connects is known before the connection opens: a browser by its session cookie, a program by a JSON Web Token. Everybody else is answered with 401.
using System.Globalization;
using System.Net;
using RawWs;
using RawWs.Samples;

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 3000;
var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

var tokens = new TokenVerifier(TokenVerifier.KeyFrom(Environment.GetEnvironmentVariable("JWT_KEY")), TimeProvider.System);
var sessions = new SessionStore();
var cookie = sessions.Begin(new User("ada", "cookie"));

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],

    // A cookie comes with whatever page connects: only pages of this host may. The default says so too.
    OriginPolicy = OriginPolicy.SameHostWithCookie,
    OnUpgrade = (request, _) => new(Authenticate(request) is { } user
        ? UpgradeResponse.Accept(userState: user)
        : UpgradeResponse.Refuse(HttpStatusCode.Unauthorized, "log in first", new ResponseHeaders { { "WWW-Authenticate", "Bearer" } })),
});
server.Map("/me", async (connection, cancellationToken) =>
{
    var user = (User)connection.UserState!; // Nobody gets in without one.
    await connection.SendAsync($"{user.Name}, by {user.KnownBy}", cancellationToken);
    await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        await connection.SendAsync($"{user.Name} says {message.GetText()}", cancellationToken);
});

await server.StartAsync();
Console.WriteLine($"Try ws://{server.EndPoints[0]}/me with the header Cookie: session={cookie} (Ctrl+C stops it)");
await stopping.Task;
await server.StopAsync();

// Not from the query: a URL ends up in logs and histories.
User? Authenticate(UpgradeRequest request)
{
    const string Scheme = "Bearer ";
    if (request.GetHeader("Authorization") is not { } authorization)
        return sessions.Find(request.GetCookie("session"));

    return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && tokens.Verify(authorization[Scheme.Length..].Trim()) is { } subject
        ? new User(subject, "token")
        : null;
}
