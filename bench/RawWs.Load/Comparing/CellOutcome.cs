using RawWs.Host;

namespace RawWs.Load;

/// <summary>What one server did in one cell, round by round.</summary>
/// <param name="server">Its name.</param>
internal sealed class CellOutcome(string server)
{
    private readonly List<LoadResult> _rounds = [];
    private readonly List<double> _ratios = [];

    public string Server => server;

    /// <summary>What went wrong; such a round counts for nothing else.</summary>
    public Failures Failures { get; } = new();

    /// <summary>Whether anything was measured.</summary>
    public bool IsMeasured => _rounds.Count > 0;

    public double PerSecond => Median(_rounds.Select(round => round.PerSecond));

    public double PerCpuSecond => Median(_rounds.Select(round => round.PerCpuSecond));

    /// <summary>The ratios to the first server in the same round, per CPU-second of each: the smallest, the median and the largest. Null without any.</summary>
    public (double Smallest, double Median, double Largest)? Ratio => _ratios.Count > 0 ? (_ratios.Min(), Median(_ratios), _ratios.Max()) : null;

    /// <summary>Bytes of the server's memory for each connection; null if that was not measured.</summary>
    public long? BytesPerConnection => _rounds.Any(round => round.Held is not null) ? (long)Median(_rounds.Select(round => (double)(round.Held?.Resident ?? 0))) : null;

    /// <summary>The CPU time of what is between the nodes of a cluster, for each of what was counted, in microseconds: mostly a part of one.</summary>
    public double BrokerMicrosecondsPerUnit => Median(_rounds.Select(round => round.BrokerCpu.TotalMicroseconds / Math.Max(1, round.Count)));

    /// <summary>The median of what a share of all messages did not exceed, in nanoseconds.</summary>
    public long Quantile(double share) => (long)Median(_rounds.Select(round => (double)round.Latencies.Quantile(share)));

    /// <summary>The same of what went to another node of a cluster; 0 if nothing did.</summary>
    public long RemoteQuantile(double share) => (long)Median(_rounds.Select(round => (double)(round.RemoteLatencies?.Quantile(share) ?? 0)));

    /// <summary>The latencies of all rounds together.</summary>
    public LatencyHistogram AllLatencies()
    {
        var all = new LatencyHistogram();
        _rounds.ForEach(round => all.Add(round.Latencies));
        return all;
    }

    /// <param name="result">Of a round.</param>
    /// <param name="first">The first server's in the same round; null if it has none.</param>
    public void Add(LoadResult result, LoadResult? first)
    {
        foreach (var failure in result.Failures)
            Failures.Add(failure);
        if (result.Failures.Count > 0)
            return;

        _rounds.Add(result);
        if (first is { PerCpuSecond: > 0 } && result.PerCpuSecond > 0)
            _ratios.Add(result.PerCpuSecond / first.PerCpuSecond);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
