using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawWs.Host;

/// <summary>The events of the dashboard as messages: JSON in text.</summary>
internal static class DashboardEvents
{
    // Only what JSON itself asks for is escaped: no event is ever put into markup.
    private static readonly DashboardJson Json = new(new JsonSerializerOptions(DashboardJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static PreparedMessage Write(DashboardEvent sent)
        => PreparedMessage.FromBytes(JsonSerializer.SerializeToUtf8Bytes(sent, Json.DashboardEvent), MessageType.Text);
}
