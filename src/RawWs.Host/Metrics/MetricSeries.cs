using System.Text;

namespace RawWs.Host;

/// <summary>One series: a number, or the distribution of many.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="tags">What tells it from others of its family.</param>
/// <param name="bounds">The upper bounds of a histogram's buckets, in ascending order; none for a number.</param>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, double[] bounds)
{
    private readonly Lock _gate = new();
    private readonly string _labels = PrometheusText.LabelsOf(tags);
    private readonly long[] _counts = bounds.Length == 0 ? [] : new long[bounds.Length + 1];
    private double _sum;

    /// <summary>Whether these are its tags, in the order in which they were first given.</summary>
    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
            return false;

        for (var index = 0; index < tags.Length; index++)
        {
            if (tags[index].Key != others[index].Key || !Equals(tags[index].Value, others[index].Value))
                return false;
        }

        return true;
    }

    public void Add(double value)
    {
        lock (_gate)
        {
            _sum += value;
            if (bounds.Length > 0)
                _counts[BucketOf(value)]++;
        }
    }

    public void Set(double value)
    {
        lock (_gate)
        {
            _sum = value;
        }
    }

    public MetricReading Read()
    {
        lock (_gate)
        {
            return new MetricReading(tags, _sum, [.. _counts]);
        }
    }

    public void WriteTo(StringBuilder text, string name)
    {
        var (_, sum, counts) = Read();
        if (bounds.Length == 0)
        {
            PrometheusText.WriteSample(text, name, _labels, sum);
            return;
        }

        var below = 0L;
        for (var index = 0; index < counts.Count; index++)
        {
            below += counts[index];
            var bound = index < bounds.Length ? bounds[index] : double.PositiveInfinity;
            PrometheusText.WriteSample(text, name + "_bucket", PrometheusText.WithBound(_labels, bound), below);
        }

        PrometheusText.WriteSample(text, name + "_sum", _labels, sum);
        PrometheusText.WriteSample(text, name + "_count", _labels, below);
    }

    // A bound belongs to its bucket: "le" is "less than or equal".
    private int BucketOf(double value)
    {
        var found = Array.BinarySearch(bounds, value);
        return found >= 0 ? found : ~found;
    }
}
