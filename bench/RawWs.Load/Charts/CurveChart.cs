using System.Globalization;

namespace RawWs.Load;

/// <summary>Curves over a height that is logarithmic.</summary>
/// <param name="title">What it shows.</param>
/// <param name="unit">What the heights are.</param>
/// <param name="ticks">Where along the chart something is written, and what; the first and the last are its ends.</param>
internal sealed class CurveChart(string title, string unit, IReadOnlyList<(double Place, string Name)> ticks)
{
    private readonly List<(string Name, IReadOnlyList<(double Place, double Height)> Points)> _curves = [];

    /// <param name="name">Of the curve.</param>
    /// <param name="points">In their order. A height that is not above zero has no place, and is left out.</param>
    public void Add(string name, IEnumerable<(double Place, double Height)> points) => _curves.Add((name, [.. points.Where(point => point.Height > 0)]));

    public override string ToString()
    {
        var svg = ChartFrame.Begin(title, unit, _curves.Select(curve => curve.Name));
        var heights = _curves.SelectMany(curve => curve.Points).Select(point => Math.Log10(point.Height)).DefaultIfEmpty(0).ToList();
        var (lowest, highest) = (Math.Floor(heights.Min()), Math.Max(Math.Floor(heights.Min()) + 1, Math.Ceiling(heights.Max())));

        for (var power = lowest; power <= highest; power++)
        {
            svg.Line(ChartFrame.Left, YOf(power), ChartFrame.Width - ChartFrame.Right, YOf(power), power == lowest ? ChartFrame.AxisColour : ChartFrame.GridColour);
            svg.Text(ChartFrame.Left - 8, YOf(power) + 4, Math.Pow(10, power).ToString("#,0.######", CultureInfo.InvariantCulture), "end");
        }

        foreach (var (place, name) in ticks)
        {
            svg.Line(XOf(place), ChartFrame.Top, XOf(place), ChartFrame.BaseLine, ChartFrame.GridColour);
            svg.Text(XOf(place), ChartFrame.BaseLine + 18, name, "middle");
        }

        foreach (var (number, curve) in _curves.Index())
        {
            var points = curve.Points.Select(point => (XOf(point.Place), YOf(Math.Log10(point.Height)))).ToList();
            svg.Polyline(points, ChartFrame.ColourOf(number));
            if (points.Count <= 10)
                points.ForEach(point => svg.Circle(point.Item1, point.Item2, ChartFrame.ColourOf(number)));
        }

        return svg.ToString();

        double XOf(double place) => ChartFrame.Left + (ChartFrame.PlotWidth * (place - ticks[0].Place) / (ticks[^1].Place - ticks[0].Place));

        double YOf(double power) => ChartFrame.BaseLine - (ChartFrame.PlotHeight * (power - lowest) / (highest - lowest));
    }
}
