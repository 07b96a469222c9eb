using System.Diagnostics.Metrics;

namespace RawWs.Tests.Server;

/// <summary>What one server counts, others in the same process being left out.</summary>
internal sealed class MetricsProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _totals = [];

    // What is observed is told on the thread that asks, within this lock. Whoever counts may hold locks that an answer needs: it must not have to wait for this one.
    private readonly Lock _observing = new();
    private readonly Dictionary<string, long> _observed = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile bool _isArmed;

    private MetricsProbe()
    {
        // A meter is published on the thread that makes it.
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_isArmed && instrument.Meter.Name == "RawWs" && Environment.CurrentManagedThreadId == _thread)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
            if (instrument.IsObservable)
            {
                _observed[name] = _observed.GetValueOrDefault(name) + value;
                return;
            }

            lock (_totals)
            {
                _totals[name] = _totals.GetValueOrDefault(name) + value;
            }
        });
        _listener.Start();
    }

    /// <summary>Watches the server that <paramref name="start"/> makes before it first waits.</summary>
    public static async Task<(T Server, MetricsProbe Metrics)> WatchAsync<T>(Func<Task<T>> start)
    {
        var probe = new MetricsProbe { _isArmed = true };
        var starting = start();
        probe._isArmed = false;
        return (await starting, probe);
    }

    /// <summary>The total of an instrument, with the value of its tag behind its name if it has one.</summary>
    public long this[string name]
    {
        get
        {
            lock (_observing)
            {
                _observed.Clear();
                _listener.RecordObservableInstruments();
                if (_observed.TryGetValue(name, out var observed))
                    return observed;
            }

            lock (_totals)
            {
                return _totals.GetValueOrDefault(name);
            }
        }
    }

    public void Dispose() => _listener.Dispose();
}
