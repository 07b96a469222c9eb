using System.Globalization;

namespace RawWs.Host;

/// <summary>What one series had measured at some moment.</summary>
/// <param name="Tags">What tells it from others of its instrument.</param>
/// <param name="Value">The number; for a distribution, the sum of what was measured.</param>
/// <param name="Buckets">How much of a distribution was in each bucket, and above the last bound; empty for a number.</param>
internal sealed record MetricReading(IReadOnlyList<KeyValuePair<string, object?>> Tags, double Value, IReadOnlyList<long> Buckets)
{
    /// <summary>The value of a tag as text; empty if there is none.</summary>
    public string TagOf(string key) => Convert.ToString(Tags.FirstOrDefault(tag => tag.Key == key).Value, CultureInfo.InvariantCulture) ?? "";
}
