using RawWs.Hosting;

namespace RawWs.Samples;

/// <summary>One connection's part in a room. Each connection has one of its own, with a scope of its own for what is injected.</summary>
internal sealed class ChatSession(WebSocketServer server, Moderator moderator) : IWebSocketSession
{
    public async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        var room = server.Rooms[connection.Path];
        room.Join(connection);

        await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        {
            if (message.Type == MessageType.Text)
                await room.BroadcastAsync(moderator.Review(message.GetText()), cancellationToken: cancellationToken);
        }
    }
}
