using System.Globalization;

namespace RawWs.Load;

/// <summary>A comparison as a table, and as charts.</summary>
internal static class ComparisonReport
{
    // The first two are names and stand at the left; the others are numbers.
    private static readonly int[] Widths = [24, 16, 13, 13, 10, 10, 6, 11, 10];

    /// <summary>The table, as Markdown.</summary>
    public static string TableOf(IReadOnlyList<(Cell Cell, IReadOnlyList<CellOutcome> Outcomes)> cells)
    {
        var lines = new List<string>
        {
            RowOf("cell", "server", "per second", "per CPU-s", "p50 µs", "p99 µs", "ratio", "of rounds", "bytes/conn"),
            RowOf("---", "---", "---:", "---:", "---:", "---:", "---:", "---:", "---:"),
        };
        foreach (var (cell, outcomes) in cells)
            lines.AddRange(outcomes.Where(outcome => outcome.IsMeasured || outcome.Failures.Count > 0).Select(outcome => LineOf(cell, outcome)));

        return string.Join('\n', lines);
    }

    /// <summary>The ratios to the first server, as bars.</summary>
    public static BarChart ChartOf(IReadOnlyList<(Cell Cell, IReadOnlyList<CellOutcome> Outcomes)> cells)
    {
        string[] names = [.. cells[0].Outcomes.Select(outcome => outcome.Server)];
        return new BarChart(
            "Work per CPU-second of the server",
            $"as a ratio to {names[0]} in the same rounds; more is better",
            names,
            [.. cells.Select(cell => (cell.Cell.ToString(), (IReadOnlyList<double?>)[.. cell.Outcomes.Select(outcome => outcome.Ratio?.Median)]))]);
    }

    /// <summary>The latencies of the cells with a fixed rate.</summary>
    public static CurveChart LatencyChartOf(IReadOnlyList<(Cell Cell, IReadOnlyList<CellOutcome> Outcomes)> cells)
    {
        var paced = cells.Where(cell => cell.Cell.PerSecond > 0).ToList();
        return PercentileChart.Of(
            $"At a fixed rate: {string.Join("; ", paced.Select(cell => cell.Cell))}",
            paced.SelectMany(cell => cell.Outcomes.Where(outcome => outcome.IsMeasured)
                .Select(outcome => (paced.Count > 1 ? $"{outcome.Server}, {cell.Cell}" : outcome.Server, outcome.AllLatencies()))));
    }

    private static string LineOf(Cell cell, CellOutcome outcome)
        => outcome.IsMeasured
            ? RowOf(
                cell.ToString(), outcome.Server,
                outcome.PerSecond.ToString("N0", CultureInfo.InvariantCulture),
                outcome.PerCpuSecond.ToString("N0", CultureInfo.InvariantCulture),
                outcome.Quantile(0.5) > 0 ? LoadReport.Microseconds(outcome.Quantile(0.5)) : "",
                outcome.Quantile(0.99) > 0 ? LoadReport.Microseconds(outcome.Quantile(0.99)) : "",
                outcome.Ratio is { } ratio ? ratio.Median.ToString("F2", CultureInfo.InvariantCulture) : "",
                outcome.Ratio is { } range ? string.Create(CultureInfo.InvariantCulture, $"{range.Smallest:F2}–{range.Largest:F2}") : "",
                outcome.BytesPerConnection is { } bytes ? Report.Count(bytes) : "")
            : RowOf(cell.ToString(), outcome.Server, "failed", "", "", "", "", "", "");

    private static string RowOf(params IEnumerable<string> values)
        => $"| {string.Join(" | ", values.Select((value, column) => column < 2 ? value.PadRight(Widths[column]) : value.PadLeft(Widths[column])))} |";
}
