namespace RawWs.Host;

/// <summary>What all instruments had measured at some moment, by their names.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class MetricReadings(ILookup<string, MetricReading> byInstrument)
{
    /// <summary>The series of an instrument; none if it has measured nothing.</summary>
    public IEnumerable<MetricReading> Of(string instrument) => byInstrument[instrument];

    /// <summary>The sum of the series of an instrument that have these tags, among others.</summary>
    public double Sum(string instrument, params (string Key, string Value)[] tags)
        => Of(instrument).Where(reading => Array.TrueForAll(tags, tag => reading.TagOf(tag.Key) == tag.Value)).Sum(reading => reading.Value);

    /// <summary>The sums of the series of an instrument for each value of a tag.</summary>
    public IReadOnlyDictionary<string, double> By(string instrument, string tag)
        => Of(instrument).GroupBy(reading => reading.TagOf(tag)).ToDictionary(group => group.Key, group => group.Sum(reading => reading.Value));

    /// <summary>The buckets of a distribution, of all its series together; none if it has measured nothing.</summary>
    public long[] Buckets(string instrument)
    {
        var sum = Array.Empty<long>();
        foreach (var reading in Of(instrument))
            sum = sum.Length == 0 ? [.. reading.Buckets] : [.. sum.Zip(reading.Buckets, static (one, other) => one + other)];

        return sum;
    }
}
