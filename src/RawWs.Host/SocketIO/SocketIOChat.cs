using System.Net;
using Microsoft.Extensions.Logging;
using RawWs.SocketIO;

namespace RawWs.Host;

/// <summary>
/// A Socket.IO server for those who have read its tutorial: what one says as <c>chat message</c> is said to everybody, in the namespace <c>/chat</c> to everybody there. That one says back
/// whatever else it is told, and a page lets people try it.
/// </summary>
internal static class SocketIOChat
{
    /// <summary>Where clients connect.</summary>
    public const string ServerPath = "/socket.io/";

    /// <summary>The namespace that has a chat of its own, and says back whatever else it is told.</summary>
    public const string ChatNamespace = "/chat";

    /// <summary>Where the page is; what it needs is below.</summary>
    public const string Path = "/socketio";

    private const string Message = "chat message";

    private const string NoClient =
        "There is no Socket.IO client here. Start rawws with --socketio-client DIR, where DIR is the folder dist of the npm package socket.io-client: "
        + "npm install socket.io-client, then --socketio-client node_modules/socket.io-client/dist\n";

    /// <summary>Adds it to a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="loggerFactory">Where its log goes.</param>
    /// <param name="adapter">Shares its namespaces with other nodes; null if there are none.</param>
    /// <exception cref="IOException">A file of the client can't be read.</exception>
    public static SocketIOServer MapTo(WebSocketServer server, HostOptions options, ILoggerFactory loggerFactory, Func<SocketIONamespace, SocketIOAdapter>? adapter)
    {
        var defaults = new SocketIOServerOptions();
        var io = new SocketIOServer(server, new SocketIOServerOptions
        {
            // Clients are told this limit, and not that of the WebSocket.
            MaxPayload = Math.Min(defaults.MaxPayload, options.MaxMessageSize),
            ClientFolder = options.SocketIO.ClientFolder,
            Adapter = adapter,
            ConnectionStateRecovery = options.SocketIO.RecoveryTime is { } time ? new ConnectionStateRecoveryOptions { MaxDisconnectionDuration = time } : null,
            LoggerFactory = loggerFactory,
        });
        io.OnConnection(socket => socket.On(Message, async received =>
        {
            await io.EmitAsync(Message, [.. received.Values]);
            received.Acknowledge();
        }));
        var chat = io.Of(ChatNamespace);
        chat.OnConnection(socket => socket.OnAny(received => AnswerAsync(chat, socket, received)));

        MapPage(server);
        if (options.SocketIO.ClientFolder is null)
            server.MapGet(ServerPath + "socket.io.js", (_, _) => new(HttpResponse.Text(NoClient, status: HttpStatusCode.NotFound)));

        return io;
    }

    private static async Task AnswerAsync(SocketIONamespace chat, SocketIOSocket socket, SocketEvent received)
    {
        object?[] values = [.. received.Values];
        if (received.Name == Message)
            await chat.EmitAsync(Message, values);
        else if (!received.ExpectsAck)
            await socket.EmitAsync(received.Name, values);

        // Nothing, if no ack is expected.
        received.Acknowledge(values);
    }

    private static void MapPage(WebSocketServer server)
    {
        foreach (var file in PageFile.AllOf("SocketIOPage"))
            server.MapGet(file.Name == "index.html" ? Path : $"{Path}/{file.Name}", (request, _) => new(file.Answer(request)));
    }
}
