namespace RawWs.Host;

/// <summary>Where the buckets of histograms end.</summary>
internal static class HistogramBounds
{
    // From a broadcast to a few to a connection that is open for a day.
    private static readonly double[] Seconds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 86_400];
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000];

    /// <summary>The bounds for measurements in a unit.</summary>
    public static double[] For(string? unit) => unit == "s" ? Seconds : Counts;
}
