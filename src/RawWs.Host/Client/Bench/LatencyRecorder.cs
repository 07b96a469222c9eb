namespace RawWs.Host;

/// <summary>Records latencies from many threads: one histogram for each processor, so that they rarely meet at one.</summary>
internal sealed class LatencyRecorder
{
    private readonly (Lock Recording, LatencyHistogram Histogram)[] _shares = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => (new Lock(), new LatencyHistogram()))];

    /// <param name="connection">The number of the connection, which always records in the same place.</param>
    /// <param name="nanoseconds">How long it took.</param>
    public void Record(int connection, long nanoseconds)
    {
        var (recording, histogram) = _shares[connection % _shares.Length];
        lock (recording)
        {
            histogram.Record(nanoseconds);
        }
    }

    /// <summary>Everything that has been recorded so far.</summary>
    public LatencyHistogram ToHistogram()
    {
        var all = new LatencyHistogram();
        foreach (var (recording, histogram) in _shares)
        {
            lock (recording)
            {
                all.Add(histogram);
            }
        }

        return all;
    }
}
