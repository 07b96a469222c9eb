using System.Net;
using RawWs;
using RawWs.SocketIO;
using RawWs.SocketIO.SuiteServer;

// The server that the test suite of the official JavaScript client wants, on the port that the suite has written down. eng/socketio-suite.sh runs the two.
const int Port = 3210;

var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, Port), new IPEndPoint(IPAddress.IPv6Loopback, Port)] });
var io = new SocketIOServer(server, new()
{
    PingInterval = TimeSpan.FromSeconds(2),
    ConnectionStateRecovery = new(),

    // So that a client with no patience at all gives up before it is connected.
    AllowRequest = async (_, cancellationToken) =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        return null;
    },
});
SuiteNamespaces.AddTo(io);

await server.StartAsync();
Console.WriteLine($"listening on {string.Join(", ", server.EndPoints)}");
await stopping.Task;
