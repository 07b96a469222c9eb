using System.Diagnostics.Metrics;
using System.Globalization;

namespace RawWs.Tests.Diagnostics;

/// <summary>Every measurement of one server, others in the same process being left out.</summary>
internal sealed class MeterRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<Measured> _measurements = [];

    // What is observed is told on the thread that asks, within this lock. Whoever measures may hold locks that an answer needs: it must not have to wait for this one.
    private readonly Lock _observing = new();
    private readonly List<Measured> _observed = [];
    private readonly List<Instrument> _instruments = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _isArmed;

    /// <param name="listensAtOnce">Whether it listens from the server's start on; otherwise it does from <see cref="Listen"/> on.</param>
    public MeterRecorder(bool listensAtOnce = true)
    {
        // A meter is published on the thread that makes it.
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!_isArmed || instrument.Meter.Name != "RawWs" || Environment.CurrentManagedThreadId != _thread)
                return;

            _instruments.Add(instrument);
            if (listensAtOnce)
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

    /// <summary>Begins to listen to what has been started.</summary>
    public void Listen() => _instruments.ForEach(instrument => _listener.EnableMeasurementEvents(instrument));

    /// <summary>The sum of all measurements with these tags, among others; of an observable instrument, as of now.</summary>
    public double Sum(string name, params (string Key, string Value)[] tags) => Find(name, tags).Sum();

    /// <summary>How many measurements with these tags there were.</summary>
    public int Count(string name, params (string Key, string Value)[] tags) => Find(name, tags).Count;

    public void Dispose() => _listener.Dispose();

    private List<double> Find(string name, (string Key, string Value)[] tags)
    {
        lock (_observing)
        {
            _observed.Clear();
            _listener.RecordObservableInstruments();
            lock (_measurements)
            {
                return [.. _measurements.Concat(_observed)
                    .Where(measured => measured.Name == name && Array.TrueForAll(tags, tag => measured.Tags.GetValueOrDefault(tag.Key) == tag.Value))
                    .Select(measured => measured.Value)];
            }
        }
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = new Dictionary<string, string?>();
        foreach (var (key, tag) in tags)
            copy.Add(key, Convert.ToString(tag, CultureInfo.InvariantCulture));

        var measured = new Measured(instrument.Name, value, copy);
        if (instrument.IsObservable)
        {
            _observed.Add(measured);
            return;
        }

        lock (_measurements)
        {
            _measurements.Add(measured);
        }
    }

    private sealed record Measured(string Name, double Value, Dictionary<string, string?> Tags);
}
