using System.Diagnostics.CodeAnalysis;

namespace RawWs.Host;

/// <summary>One client of the chat, in one room, from its first event to its last. What it sends wrong is answered, and costs it nothing else.</summary>
internal sealed class ChatSession(Chat chat, WebSocketConnection connection, string room)
{
    // Null until it has joined.
    private string? _name;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (room.Length > ChatLimits.MaxRoomLength)
        {
            await SendAsync(new ErrorEvent("invalid-room", $"a room has a name of 1 to {ChatLimits.MaxRoomLength} characters"));
            await connection.CloseAsync(CloseCode.PolicyViolation, "the name of the room is too long");
            return;
        }

        await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            await HandleAsync(message);
    }

    private ValueTask HandleAsync(WebSocketMessage message)
    {
        if (message.Type != MessageType.Text)
            return SendAsync(new ErrorEvent("not-text", "an event is a text message"));

        if (message.Length > ChatLimits.MaxEventSize)
            return SendAsync(new ErrorEvent("too-large", $"an event has at most {ChatLimits.MaxEventSize} bytes"));

        if (!ChatEvents.TryRead(message, out var received))
            return SendAsync(new ErrorEvent("invalid-json", "an event is a JSON object whose members are strings"));

        return received.Type switch
        {
            ClientEvent.Join => JoinAsync(received),
            ClientEvent.Message => SayAsync(received),
            ClientEvent.Ping => AnswerAsync(received),
            _ => SendAsync(new ErrorEvent("unknown-type", "an event has the type join, message or ping")),
        };
    }

    private async ValueTask JoinAsync(ClientEvent received)
    {
        if (_name is not null)
        {
            await SendAsync(new ErrorEvent("already-joined", "a connection joins once; open another to join under another name"));
            return;
        }

        if (!IsName(received.Name))
        {
            await SendAsync(new ErrorEvent(
                "invalid-name", $"a name has 1 to {ChatLimits.MaxNameLength} characters, not only spaces and none that controls"));
            return;
        }

        // Whoever joins at the same moment may make it a few more, which harms nobody.
        var members = chat.RoomOf(room);
        if (members.Presence.Count >= ChatLimits.MaxMembers)
        {
            await SendAsync(new ErrorEvent("room-full", $"{ChatLimits.MaxMembers} are in the room, and no more fit in"));
            await connection.CloseAsync(CloseCode.TryAgainLater, "the room is full");
            return;
        }

        _name = received.Name;
        members.Join(connection, _name);

        // After it has joined, so that whoever is not listed any more or not yet is told of by a notice, before or after.
        await SendAsync(new WelcomeEvent(
            chat.Instance, room, connection.Id, members.Presence.Select(member => new ChatMember(member.Node ?? chat.Instance, member.ConnectionId, member.Info))));
    }

    private async ValueTask SayAsync(ClientEvent received)
    {
        if (!IsId(received.Id))
            await SendAsync(new ErrorEvent("invalid-id", $"a message has an id of 1 to {ChatLimits.MaxIdLength} characters"));
        else if (_name is null)
            await SendAsync(new ErrorEvent("not-joined", "join first", received.Id));
        else if (string.IsNullOrWhiteSpace(received.Text) || received.Text.Length > ChatLimits.MaxTextLength)
            await SendAsync(new ErrorEvent("invalid-text", $"a message has 1 to {ChatLimits.MaxTextLength} characters, not only spaces", received.Id));
        else if (!await chat.TrySayAsync(room, received.Id, new ChatMember(chat.Instance, connection.Id, _name), received.Text))
            await SendAsync(new AckEvent(received.Id));
    }

    private ValueTask AnswerAsync(ClientEvent received)
        => received.Id is null || IsId(received.Id)
            ? SendAsync(new PongEvent(received.Id))
            : SendAsync(new ErrorEvent("invalid-id", $"a ping has an id of 1 to {ChatLimits.MaxIdLength} characters, or none"));

    private ValueTask SendAsync(ServerEvent sent) => connection.SendAsync(ChatEvents.Write(sent));

    private static bool IsName(string? name)
        => !string.IsNullOrWhiteSpace(name) && name.Length <= ChatLimits.MaxNameLength && !name.Any(char.IsControl);

    private static bool IsId([NotNullWhen(true)] string? id) => id is { Length: >= 1 and <= ChatLimits.MaxIdLength };
}
