using System.Diagnostics.Metrics;
using System.Text;

namespace RawWs.Host;

/// <summary>One instrument and its series, one for each combination of tags.</summary>
/// <remarks>Thread-safe. Measurements take no lock of the family, unless their tags are new.</remarks>
internal sealed class MetricFamily
{
    private readonly Lock _adding = new();
    private readonly string _help;
    private readonly string _type;
    private readonly bool _isObserved;
    private readonly double[] _bounds;
    private MetricSeries[] _series = [];

    public MetricFamily(Instrument instrument)
    {
        _type = TypeOf(instrument);
        _isObserved = instrument.IsObservable;
        _bounds = _type == "histogram" ? HistogramBounds.For(instrument.Unit) : [];
        _help = PrometheusText.EscapeHelp(instrument.Description ?? "");
        Name = PrometheusText.NameOf(instrument.Name, instrument.Unit, isCounter: _type == "counter");
    }

    /// <summary>What Prometheus calls it.</summary>
    public string Name { get; }

    /// <summary>Takes a measurement.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags) ?? Add(tags);
        if (_isObserved)
            series.Set(value);
        else
            series.Add(value);
    }

    /// <summary>Writes all series, and what they are.</summary>
    public void WriteTo(StringBuilder text)
    {
        text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach (var series in Volatile.Read(ref _series))
            series.WriteTo(text, Name);
    }

    /// <summary>Reads all series.</summary>
    public IEnumerable<MetricReading> Read() => Volatile.Read(ref _series).Select(series => series.Read());

    // A handful at most, of which the first ones are those that are measured most.
    private MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in Volatile.Read(ref _series))
        {
            if (series.Has(tags))
                return series;
        }

        return null;
    }

    private MetricSeries Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_adding)
        {
            if (Find(tags) is { } added)
                return added;

            var series = new MetricSeries([.. tags], _bounds);
            Volatile.Write(ref _series, [.. _series, series]);
            return series;
        }
    }

    private static string TypeOf(Instrument instrument) => instrument switch
    {
        Histogram<int> or Histogram<long> or Histogram<double> => "histogram",
        Counter<int> or Counter<long> or Counter<double> or ObservableCounter<int> or ObservableCounter<long> or ObservableCounter<double> => "counter",
        _ => "gauge",
    };
}
