using RawWs.Host;

namespace RawWs.Load;

/// <summary>Latencies by percentile, with as much room for the slowest hundredth as for the tenth before it.</summary>
internal static class PercentileChart
{
    private static readonly (double Place, string Name)[] Ticks = [(0, "0 %"), (0.30103, "50 %"), (1, "90 %"), (2, "99 %"), (3, "99.9 %"), (4, "99.99 %")];

    public static CurveChart Of(string title, IEnumerable<(string Name, LatencyHistogram Latencies)> curves)
    {
        var chart = new CurveChart(title, "latency in microseconds, by percentile", Ticks);
        foreach (var (name, latencies) in curves)
        {
            // A percentile that fewer than ten lie beyond says little.
            var end = Math.Min(Ticks[^1].Place, Math.Log10(Math.Max(1, latencies.Count / 10.0)));
            chart.Add(name, Enumerable.Range(0, 81).Select(step => step * end / 80).Select(place => (place, latencies.Quantile(1 - Math.Pow(10, -place)) / 1000.0)));
        }

        return chart;
    }
}
