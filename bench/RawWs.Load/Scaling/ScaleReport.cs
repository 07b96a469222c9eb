using System.Globalization;

namespace RawWs.Load;

/// <summary>What numbers of connections cost, as a table and as charts.</summary>
internal static class ScaleReport
{
    private static readonly int[] Widths = [10, 11, 12, 12, 12, 12, 10, 13, 15];

    public static string TableOf(IEnumerable<ScaleRow> rows) => string.Join('\n',
    [
        LineOf("transport", "connections", "managed B", "native B", "together B", "kernel B", "µs an echo", "µs a delivery", "ms a broadcast"),
        LineOf("---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"),
        .. rows.Select(row => LineOf(
            row.Transport, Report.Count(row.Connections), Report.Count(row.Managed), Report.Count(row.Native), Report.Count(row.Managed + row.Native),
            row.Kernel is { } kernel ? Report.Count(kernel) : "", Number(row.MessageMicroseconds), Number(row.DeliveryMicroseconds), Number(row.BroadcastMilliseconds))),
    ]);

    public static CurveChart MemoryChartOf(IReadOnlyList<ScaleRow> rows)
        => ChartOf("Memory for each connection", "bytes of the server's process, by connections", rows, row => row.Managed + row.Native);

    public static CurveChart MessageChartOf(IReadOnlyList<ScaleRow> rows)
        => ChartOf("CPU time for one echo while all echo", "microseconds, by connections", rows, row => row.MessageMicroseconds);

    private static CurveChart ChartOf(string title, string unit, IReadOnlyList<ScaleRow> rows, Func<ScaleRow, double> height)
    {
        var (fewest, most) = (rows.Min(row => row.Connections), rows.Max(row => row.Connections));
        var powers = Enumerable.Range((int)Math.Floor(Math.Log10(fewest)), 10).TakeWhile(power => Math.Pow(10, power - 1) < most);
        var chart = new CurveChart(title, unit, [.. powers.Select(power => ((double)power, Math.Pow(10, power).ToString("N0", CultureInfo.InvariantCulture)))]);
        foreach (var transport in rows.GroupBy(row => row.Transport))
            chart.Add(transport.Key, transport.Select(row => (Math.Log10(row.Connections), height(row))));

        return chart;
    }

    private static string LineOf(params IEnumerable<string> values)
        => $"| {string.Join(" | ", values.Select((value, column) => column == 0 ? value.PadRight(Widths[column]) : value.PadLeft(Widths[column])))} |";

    private static string Number(double value) => value.ToString("#,0.0", CultureInfo.InvariantCulture);
}
