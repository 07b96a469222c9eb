using System.Text.Json.Serialization;

namespace RawWs.Conformance;

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ConformanceReport))]
internal sealed partial class JsonReportContext : JsonSerializerContext;
