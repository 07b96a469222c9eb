namespace RawWs.Host;

/// <summary>When a bench measures, as timestamps of <see cref="TimeProvider.System"/>. Settled before anything is sent, so that no thread has to be told.</summary>
/// <param name="Begin">When the first message is due.</param>
/// <param name="Start">When what is due begins to count.</param>
/// <param name="End">When nothing is sent any more.</param>
internal sealed record BenchTime(long Begin, long Start, long End)
{
    public static long Now => TimeProvider.System.GetTimestamp();

    public static BenchTime From(long now, BenchOptions options) => new(now, now + In(options.WarmUp), now + In(options.WarmUp) + In(options.Duration));

    /// <summary>Whether what is due then is measured.</summary>
    public bool Measures(long due) => due >= Start && due < End;

    public static long In(TimeSpan time) => (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
}
