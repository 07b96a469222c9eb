using System.Text.Json;

namespace RawWs.Conformance;

/// <summary>The report for programs.</summary>
public static class JsonReport
{
    public static string Render(ConformanceReport report) => JsonSerializer.Serialize(report, JsonReportContext.Default.ConformanceReport);
}
