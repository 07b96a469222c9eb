using System.Text.Json.Serialization;

namespace RawWs.Host;

/// <summary>How the events of the chat are read and written, made at compile time.</summary>
[JsonSerializable(typeof(ClientEvent))]
[JsonSerializable(typeof(ServerEvent))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 4)]
internal sealed partial class ChatJson : JsonSerializerContext;
