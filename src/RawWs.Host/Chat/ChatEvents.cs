using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawWs.Host;

/// <summary>The events of the chat as messages: JSON in text.</summary>
internal static class ChatEvents
{
    // Only what JSON itself asks for is escaped: no event is ever put into markup, and most languages would take several times the bytes.
    private static readonly ChatJson Json = new(new JsonSerializerOptions(ChatJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static PreparedMessage Write(ServerEvent sent)
        => PreparedMessage.FromBytes(JsonSerializer.SerializeToUtf8Bytes(sent, Json.ServerEvent), MessageType.Text);

    /// <summary>Reads an event of a client.</summary>
    /// <param name="message">A text message.</param>
    /// <param name="received">The event, if it is one JSON object with members of the right kind.</param>
    public static bool TryRead(WebSocketMessage message, [NotNullWhen(true)] out ClientEvent? received)
    {
        var payload = message.Payload;
        try
        {
            received = JsonSerializer.Deserialize(payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray(), Json.ClientEvent);
            return received is not null;
        }
        catch (JsonException)
        {
            received = null;
            return false;
        }
    }
}
