using System.Diagnostics.Metrics;
using System.Globalization;

namespace RawWs.Tests.Diagnostics;

/// <summary>Every measurement of one server, others in the same process being left out.</summary>
internal sealed class MeterRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, double Value, Dictionary<string, string?> Tags)> _measurements = [];
    private readonly List<Instrument> _instruments = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _isArmed;

    public MeterRecorder()
    {
        // A meter is published on the thread that makes it.
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!_isArmed || instrument.Meter.Name != "RawWs" || Environment.CurrentManagedThreadId != _thread)
                return;

            _instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => _instruments;

    /// <summary>Records the server that <paramref name="start"/> makes before it first waits.</summary>
    public async Task<T> StartAsync<T>(Func<Task<T>> start)
    {
        _isArmed = true;
        var starting = start();
        _isArmed = false;
        return await starting;
    }

    /// <summary>The sum of all measurements with these tags, among others.</summary>
    public double Sum(string name, params (string Key, string Value)[] tags) => Find(name, tags).Sum();

    /// <summary>How many measurements with these tags there were.</summary>
    public int Count(string name, params (string Key, string Value)[] tags) => Find(name, tags).Count;

    /// <summary>Asks an observable instrument.</summary>
    public double Observe(string name)
    {
        lock (_measurements)
        {
            _measurements.RemoveAll(measurement => measurement.Name == name);
        }

        _listener.RecordObservableInstruments();
        return Sum(name);
    }

    public void Dispose() => _listener.Dispose();

    private List<double> Find(string name, (string Key, string Value)[] tags)
    {
        lock (_measurements)
        {
            return [.. _measurements.Where(measurement => measurement.Name == name && Array.TrueForAll(tags, tag => measurement.Tags.GetValueOrDefault(tag.Key) == tag.Value))
                .Select(measurement => measurement.Value)];
        }
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = new Dictionary<string, string?>();
        foreach (var (key, tag) in tags)
            copy.Add(key, Convert.ToString(tag, CultureInfo.InvariantCulture));

        lock (_measurements)
        {
            _measurements.Add((instrument.Name, value, copy));
        }
    }
}
