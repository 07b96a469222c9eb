using System.Globalization;

namespace RawWs.Load;

/// <summary>Groups of bars, from zero: what several servers do with several loads.</summary>
/// <param name="title">What it shows.</param>
/// <param name="unit">What the bars' heights are.</param>
/// <param name="series">The bars of each group, by name.</param>
/// <param name="groups">What is below each group, and the heights, one for each of <paramref name="series"/>; null where there is none.</param>
internal sealed class BarChart(string title, string unit, IReadOnlyList<string> series, IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> groups)
{
    private const double GapShare = 0.25;

    private static readonly double[] Tops = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10];

    public override string ToString()
    {
        var svg = ChartFrame.Begin(title, unit, series);
        var top = NiceAbove(groups.SelectMany(group => group.Values).Max() ?? 1);
        for (var step = 0; step <= 4; step++)
        {
            var y = ChartFrame.BaseLine - (ChartFrame.PlotHeight * step / 4);
            svg.Line(ChartFrame.Left, y, ChartFrame.Width - ChartFrame.Right, y, step == 0 ? ChartFrame.AxisColour : ChartFrame.GridColour);
            svg.Text(ChartFrame.Left - 8, y + 4, Label(top * step / 4), "end");
        }

        var groupWidth = ChartFrame.PlotWidth / Math.Max(1, groups.Count);
        var barWidth = groupWidth * (1 - GapShare) / Math.Max(1, series.Count);
        foreach (var (place, group) in groups.Index())
        {
            var left = ChartFrame.Left + (groupWidth * (place + (GapShare / 2)));
            svg.Text(left + (groupWidth * (1 - GapShare) / 2), ChartFrame.BaseLine + 18, group.Name, "middle", size: 10);
            foreach (var (number, value) in group.Values.Index())
            {
                if (value is not { } height)
                    continue;

                var bar = ChartFrame.PlotHeight * height / top;
                var x = left + (barWidth * number);
                svg.Rectangle(x, ChartFrame.BaseLine - bar, barWidth * 0.92, bar, ChartFrame.ColourOf(number));
                svg.Text(x + (barWidth * 0.46), ChartFrame.BaseLine - bar - 4, Label(height), "middle", size: 10);
            }
        }

        return svg.ToString();
    }

    /// <summary>The next number whose quarters are short to write.</summary>
    internal static double NiceAbove(double value)
    {
        if (value <= 0)
            return 1;

        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return power * Tops.First(factor => power * factor >= value * 0.999999);
    }

    private static string Label(double value) => value.ToString(Math.Abs(value) >= 100 ? "N0" : "0.##", CultureInfo.InvariantCulture);
}
