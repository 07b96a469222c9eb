namespace RawWs.Host;

/// <summary>What a bench has measured.</summary>
/// <param name="SentCount">How many messages were due in the measured time, and sent.</param>
/// <param name="Elapsed">The measured time.</param>
/// <param name="Latencies">How long those took that have come back, from when they were due.</param>
/// <param name="Processors">How many processors this program has kept busy, on average.</param>
/// <param name="Failures">What went wrong, in sentences; empty if nothing did.</param>
internal sealed record BenchResult(long SentCount, TimeSpan Elapsed, LatencyHistogram Latencies, double Processors, IReadOnlyList<string> Failures)
{
    /// <summary>How many of them have come back.</summary>
    public long ReceivedCount => Latencies.Count;

    public long MissingCount => SentCount - ReceivedCount;

    public double PerSecond => Elapsed > TimeSpan.Zero ? ReceivedCount / Elapsed.TotalSeconds : 0;
}
