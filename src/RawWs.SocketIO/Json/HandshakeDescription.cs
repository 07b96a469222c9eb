using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawWs.SocketIO.Json;

/// <summary>A handshake as servers tell each other of it.</summary>
internal sealed record HandshakeDescription
{
    [JsonPropertyName("headers")]
    public Dictionary<string, string>? Headers { get; init; }

    /// <summary>For people to read.</summary>
    [JsonPropertyName("time")]
    public string? TimeText { get; init; }

    [JsonPropertyName("address")]
    public string? Address { get; init; }

    [JsonPropertyName("xdomain")]
    public bool IsCrossDomain { get; init; }

    [JsonPropertyName("secure")]
    public bool IsSecure { get; init; }

    [JsonPropertyName("issued")]
    public long IssuedMilliseconds { get; init; }

    [JsonPropertyName("url")]
    public string? Url { get; init; }

    [JsonPropertyName("query")]
    public Dictionary<string, string>? Query { get; init; }

    [JsonPropertyName("auth")]
    public JsonElement? Auth { get; init; }
}
