namespace RawWs.Host;

/// <summary>Moments at a fixed rate, whatever else happens: who is late is charged for what he held up (coordinated omission).</summary>
/// <param name="perSecond">How many.</param>
internal sealed class Pace(double perSecond)
{
    private long _start;
    private long _count;

    /// <summary>The next moment, as a timestamp of <see cref="TimeProvider.System"/>.</summary>
    public long Next => _start + (long)(_count * (TimeProvider.System.TimestampFrequency / perSecond));

    public void Start(long now) => (_start, _count) = (now, 0);

    public void MoveOn() => _count++;
}
