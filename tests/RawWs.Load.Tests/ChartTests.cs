using System.Globalization;
using System.Xml.Linq;
using RawWs.Host;

namespace RawWs.Load.Tests;

public class ChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Bars_are_as_high_as_their_values_and_none_is_drawn_for_nothing()
    {
        var chart = new BarChart("title", "unit", ["a", "b"], [("one", [1.0, 0.5]), ("two", [0.25, null])]);

        var bars = Rectangles(chart.ToString()).Where(bar => Number(bar, "y") + Number(bar, "height") > ChartFrame.BaseLine - 0.1 && Number(bar, "x") > 0).ToList();
        Assert.Equal([1.0, 0.5, 0.25], bars.Select(bar => Math.Round(Number(bar, "height") / ChartFrame.PlotHeight, 4)));
    }

    [Fact]
    public void Text_may_hold_anything()
    {
        var chart = new BarChart("<&\">'", "unit", ["a & b"], [("]]>", [1.0])]).ToString();

        var texts = XDocument.Parse(chart).Descendants(Svg + "text").Select(text => text.Value).ToList();
        Assert.Contains("<&\">'", texts);
        Assert.Contains("a & b", texts);
        Assert.Contains("]]>", texts);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.99, 1)]
    [InlineData(1.02, 1.2)]
    [InlineData(130, 160)]
    [InlineData(9.5, 10)]
    public void The_scale_ends_a_little_above_the_highest_bar(double highest, double end) => Assert.Equal(end, BarChart.NiceAbove(highest), 9);

    [Fact]
    public void A_curve_stays_within_its_frame()
    {
        var latencies = new LatencyHistogram();
        for (var value = 1; value < 100_000; value += 7)
            latencies.Record(value * 1000L);

        var line = XDocument.Parse(PercentileChart.Of("title", [("server", latencies)]).ToString()).Descendants(Svg + "polyline").Single();
        var points = line.Attribute("points")!.Value.Split(' ').Select(point => point.Split(',').Select(Parse).ToArray()).ToList();

        Assert.True(points.Count > 20);
        Assert.All(points, point =>
        {
            Assert.InRange(point[0], ChartFrame.Left, ChartFrame.Width - ChartFrame.Right);
            Assert.InRange(point[1], ChartFrame.Top, ChartFrame.BaseLine);
        });

        // What fewer exceed lies further up.
        Assert.Equal(points.Select(point => point[1]).OrderDescending(), points.Select(point => point[1]));
    }

    private static IEnumerable<XElement> Rectangles(string chart) => XDocument.Parse(chart).Descendants(Svg + "rect").Where(bar => Number(bar, "width") < 800);

    private static double Number(XElement element, string name) => Parse(element.Attribute(name)!.Value);

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
