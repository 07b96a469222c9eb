using System.Diagnostics;

namespace RawWs.Fuzz;

/// <summary>
/// Sees an input that never ends. The last resort: a parser that makes no progress is caught by counting its calls. Counts processor time, so that a
/// machine busy with something else raises no alarm, and only far above that the clock, for whoever waits for ever uses no processor.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private static readonly FindingException Hang = new("it does not end");

    private readonly TimeSpan _longestWork;
    private readonly TimeSpan _longestWait;
    private readonly Action<Finding> _onHang;
    private readonly Timer _timer;

    private volatile Finding? _current;
    private long _started;
    private long _seen;
    private TimeSpan _workAtStart;
    private long _startedAt;

    /// <param name="longestWork">Processor time for one input.</param>
    /// <param name="longestWait">Wall-clock time for one input.</param>
    /// <param name="onHang">Called on another thread, since the one that hangs can't be stopped.</param>
    public Watchdog(TimeSpan longestWork, TimeSpan longestWait, Action<Finding> onHang)
    {
        (_longestWork, _longestWait, _onHang) = (longestWork, longestWait, onHang);
        _timer = new Timer(_ => Look(), null, Interval, Interval);
    }

    public void OnStarting(FuzzTarget target, string origin, byte[] input)
    {
        _current = new Finding(target, origin, input, Hang);
        Interlocked.Increment(ref _started);
    }

    public void OnEnded() => _current = null;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var started = Interlocked.Read(ref _started);
        var work = Environment.CpuUsage.TotalTime;
        if (started != _seen)
        {
            (_seen, _workAtStart, _startedAt) = (started, work, Stopwatch.GetTimestamp());
            return;
        }

        var tooLong = work - _workAtStart > _longestWork || Stopwatch.GetElapsedTime(_startedAt) > _longestWait;
        if (tooLong && _current is { } current)
            _onHang(current);
    }
}
