using System.Text.Json.Serialization;

namespace RawWs.Host;

/// <summary>How the events of the dashboard are written, made at compile time.</summary>
[JsonSerializable(typeof(DashboardEvent))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class DashboardJson : JsonSerializerContext;
