using System.Globalization;

namespace RawWs.Load;

/// <summary>A comparison of clusters as a table: messages and their recipients, the CPU time of nodes and of Redis, and latencies on the node of who publishes and on the others.</summary>
internal static class ClusterReport
{
    private static readonly int[] Widths = [20, 16, 10, 12, 12, 10, 10, 10, 10, 10, 6, 11];

    /// <summary>The table, as Markdown.</summary>
    public static string TableOf(IReadOnlyList<(Cell Cell, IReadOnlyList<CellOutcome> Outcomes)> cells)
    {
        var lines = new List<string>
        {
            RowOf("cell", "cluster", "messages/s", "recipients/s", "per CPU-s", "Redis µs", "p50 µs", "p99 µs", "others p50", "others p99", "ratio", "of rounds"),
            RowOf("---", "---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"),
        };
        foreach (var (cell, outcomes) in cells)
            lines.AddRange(outcomes.Where(outcome => outcome.IsMeasured || outcome.Failures.Count > 0).Select(outcome => LineOf(cell, outcome)));

        return string.Join('\n', lines);
    }

    private static string LineOf(Cell cell, CellOutcome outcome)
        => outcome.IsMeasured
            ? RowOf(
                cell.ToString(), outcome.Server,
                outcome.PerSecond / cell.Connections is var messages && messages < 100 ? Number(messages, "N1") : Number(messages, "N0"),
                Number(outcome.PerSecond, "N0"),
                Number(outcome.PerCpuSecond, "N0"),
                Number(outcome.BrokerMicrosecondsPerUnit * cell.Connections, "N1"),
                LoadReport.Microseconds(outcome.Quantile(0.5)), LoadReport.Microseconds(outcome.Quantile(0.99)),
                LoadReport.Microseconds(outcome.RemoteQuantile(0.5)), LoadReport.Microseconds(outcome.RemoteQuantile(0.99)),
                outcome.Ratio is { } ratio ? Number(ratio.Median, "F2") : "",
                outcome.Ratio is { } range ? string.Create(CultureInfo.InvariantCulture, $"{range.Smallest:F2}–{range.Largest:F2}") : "")
            : RowOf([cell.ToString(), outcome.Server, "failed", .. Enumerable.Repeat("", Widths.Length - 3)]);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string RowOf(params IEnumerable<string> values)
        => $"| {string.Join(" | ", values.Select((value, column) => column < 2 ? value.PadRight(Widths[column]) : value.PadLeft(Widths[column])))} |";
}
