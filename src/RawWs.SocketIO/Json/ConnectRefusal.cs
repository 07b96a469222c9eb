using System.Text.Json.Serialization;

namespace RawWs.SocketIO.Json;

/// <summary>What a client is told when it is refused.</summary>
/// <param name="Message">Why.</param>
/// <param name="Data">What the application adds; left out if there is nothing.</param>
internal sealed record ConnectRefusal(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("data"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? Data = null);
