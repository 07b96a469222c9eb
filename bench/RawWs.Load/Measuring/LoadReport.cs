using System.Globalization;
using RawWs.Host;

namespace RawWs.Load;

/// <summary>What is said of a run while it goes on, and after it.</summary>
internal static class LoadReport
{
    private static readonly double[] Shares = [0.5, 0.9, 0.99, 0.999];

    /// <summary>Runs, and says every second how far it is.</summary>
    public static async Task<LoadResult> RunAsync(LoadRun run, CancellationToken cancellationToken)
    {
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var progress = ProgressLine.RunAsync(_ => $"{Report.Count(run.Count)} measured", finished.Token, seconds: 1);
        try
        {
            return await run.RunAsync(cancellationToken);
        }
        finally
        {
            await finished.CancelAsync();
            await progress;
        }
    }

    public static void Print(string title, LoadResult result, IEnumerable<(string Name, string Value)> details)
    {
        List<(string Name, string Value)> rows =
        [
            (title, $"{Report.Count(result.Count)} {result.Unit} in {Report.Seconds(result.Elapsed)}"),
            ("per second", Report.Count((long)result.PerSecond)),
            ("per CPU-second of the server", $"{Report.Count((long)result.PerCpuSecond)}, which used {Share(result.ServerCpu / result.Elapsed)} of a core"),
            ("the generator was busy", Share(result.GeneratorShare)),
        ];
        if (result.Latencies.Count > 0)
            rows.Add(("p50, p90, p99, p99.9, max", Latencies(result.Latencies)));

        Report.Table([.. rows, .. details]);
    }

    /// <summary>Nanoseconds as microseconds.</summary>
    public static string Microseconds(long nanoseconds) => (nanoseconds / 1000.0).ToString("#,0.0", CultureInfo.InvariantCulture);

    private static string Latencies(LatencyHistogram latencies)
        => $"{string.Join(", ", Shares.Select(share => Microseconds(latencies.Quantile(share))))}, {Microseconds(latencies.Max)} µs";

    private static string Share(double share) => share.ToString("0 %", CultureInfo.InvariantCulture);
}
