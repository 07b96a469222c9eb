namespace RawWs.Redis.Diagnostics;

/// <summary>Lets a line be logged every ten seconds, however often there is a reason to.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LogPace(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long? _saidAt;
    private long _unsaidCount;

    /// <summary>Whether it is time for a line.</summary>
    /// <param name="count">For how many reasons, this one included.</param>
    public bool TrySay(out long count)
    {
        lock (_gate)
        {
            count = ++_unsaidCount;
            var now = time.GetTimestamp();
            if (_saidAt is { } saidAt && time.GetElapsedTime(saidAt, now) < Interval)
                return false;

            (_saidAt, _unsaidCount) = (now, 0);
            return true;
        }
    }
}
