namespace RawWs.Diagnostics;

/// <summary>Lets a line be logged every ten seconds, however often there is a reason to.</summary>
/// <remarks>Not thread-safe.</remarks>
internal struct LogPace
{
    /// <summary>The time between two lines.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private long? _saidAt;
    private long _unsaidCount;

    /// <summary>Whether it is time for a line.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="unsaid">How often it was not, since the last one.</param>
    public bool TrySay(TimeProvider time, out long unsaid)
    {
        var now = time.GetTimestamp();
        unsaid = _unsaidCount;
        if (_saidAt is { } saidAt && time.GetElapsedTime(saidAt, now) < Interval)
        {
            _unsaidCount++;
            return false;
        }

        (_saidAt, _unsaidCount) = (now, 0);
        return true;
    }
}
