namespace RawWs.Samples;

/// <summary>One client of the chat, as long as it is connected.</summary>
/// <param name="server">Where the others are.</param>
/// <param name="suffix">What is said at the end of everything.</param>
internal sealed class Chat(WebSocketServer server, string suffix)
{
    public async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        var room = server.Rooms[connection.Path];
        room.Join(connection);

        await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            await room.BroadcastAsync(message.GetText() + suffix, cancellationToken: cancellationToken);
    }
}
