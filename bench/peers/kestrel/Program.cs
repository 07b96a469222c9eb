// An echo at /echo and a broadcast to everybody at /broadcast, on ASP.NET Core's WebSocket middleware: dotnet run -- --port N [--deflate on|off] [--max-message-size BYTES]
// [--tls-cert FILE --tls-key FILE]
using System.Buffers;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawWs.Peers.Kestrel;

var builder = WebApplication.CreateSlimBuilder(args);
var port = builder.Configuration.GetValue("port", 3002);
var deflate = builder.Configuration.GetValue("deflate", "off") == "on";
var certificate = builder.Configuration["tls-cert"];
var maxMessageSize = builder.Configuration.GetValue("max-message-size", 16 * 1024 * 1024);

builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"{(certificate is null ? "http" : "https")}://127.0.0.1:{port}");
if (certificate is not null)
{
    builder.WebHost.UseKestrelHttpsConfiguration();
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = X509Certificate2.CreateFromPemFile(certificate, builder.Configuration["tls-key"])));
}

var app = builder.Build();
app.UseWebSockets();
var everybody = new Everybody();
app.Map("/echo", context => AcceptAsync(context, EchoAsync));
app.Map("/broadcast", context => AcceptAsync(context, BroadcastAsync));
await app.StartAsync();
Console.WriteLine($"listening on {(certificate is null ? "ws" : "wss")}://127.0.0.1:{port}/echo");
await ((IHost)app).WaitForShutdownAsync();

async Task AcceptAsync(HttpContext context, Func<WebSocket, CancellationToken, Task> sessionAsync)
{
    if (!context.WebSockets.IsWebSocketRequest)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return;
    }

    using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = deflate });
    try
    {
        await sessionAsync(socket, context.RequestAborted);
    }
    catch (Exception error) when (error is WebSocketException or OperationCanceledException)
    {
        // The engine has failed the connection itself, or the peer is gone.
    }
}

Task EchoAsync(WebSocket socket, CancellationToken cancellationToken) => ReceiveAsync(
    socket, (message, type) => socket.SendAsync(message, type, endOfMessage: true, cancellationToken), cancellationToken);

async Task BroadcastAsync(WebSocket socket, CancellationToken cancellationToken)
{
    using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    var sending = everybody.JoinAsync(socket, leaving.Token);
    try
    {
        await ReceiveAsync(
            socket,
            (message, type) =>
            {
                everybody.Publish(message.ToArray(), type);
                return ValueTask.CompletedTask;
            },
            cancellationToken);
    }
    finally
    {
        await leaving.CancelAsync();
        await sending;
    }
}

async Task ReceiveAsync(WebSocket socket, Func<ReadOnlyMemory<byte>, WebSocketMessageType, ValueTask> handleAsync, CancellationToken cancellationToken)
{
    var message = new ArrayBufferWriter<byte>(4096);
    while (true)
    {
        var result = await socket.ReceiveAsync(message.GetMemory(4096), cancellationToken);
        if (result.MessageType == WebSocketMessageType.Close)
        {
            await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, cancellationToken);
            return;
        }

        message.Advance(result.Count);
        if (message.WrittenCount > maxMessageSize)
        {
            await socket.CloseAsync(WebSocketCloseStatus.MessageTooBig, "message too big", cancellationToken);
            return;
        }

        if (result.EndOfMessage)
        {
            await handleAsync(message.WrittenMemory, result.MessageType);
            message.ResetWrittenCount();
        }
    }
}
