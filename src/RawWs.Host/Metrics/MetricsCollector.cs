using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace RawWs.Host;

/// <summary>Adds up what meters measure, and tells it as Prometheus asks for it (text format 0.0.4).</summary>
/// <remarks>Thread-safe. It counts from its making on: it is made before whoever makes the meters.</remarks>
internal sealed class MetricsCollector : IDisposable
{
    /// <summary>What <see cref="Write"/> writes.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly Lock _observing = new();

    /// <param name="meterNames">The names of the meters.</param>
    public MetricsCollector(params string[] meterNames)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meterNames.Contains(instrument.Meter.Name))
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, static instrument => new MetricFamily(instrument)));
        };

        // A server that is no more is not told of.
        _listener.MeasurementsCompleted = (instrument, _) => _families.TryRemove(instrument, out var _);
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Everything that has been measured, as of now.</summary>
    public string Write()
    {
        Observe();
        var text = new StringBuilder();
        foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            family.WriteTo(text);

        return text.ToString();
    }

    /// <summary>Everything that has been measured, as of now, for programs.</summary>
    public MetricReadings Read()
    {
        Observe();
        return new MetricReadings(_families.SelectMany(family => family.Value.Read().Select(reading => (family.Key.Name, Reading: reading)))
            .ToLookup(series => series.Name, series => series.Reading));
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Observe()
    {
        lock (_observing)
        {
            _listener.RecordObservableInstruments();
        }
    }
}
