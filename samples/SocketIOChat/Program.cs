using System.Net;
using RawWs;
using RawWs.SocketIO;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };

await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3000)] });
var io = new SocketIOServer(server);

io.OnConnection(socket =>
{
    socket.Join("lobby");
    socket.On("chat message", (string text) => io.To("lobby").EmitAsync("chat message", text));
    socket.On("sum", (int a, int b) => a + b);
});

await server.RunAsync(stopping.Token);
