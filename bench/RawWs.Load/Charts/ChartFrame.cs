namespace RawWs.Load;

/// <summary>What all charts have in common: the size, the colours, the title and the legend.</summary>
internal static class ChartFrame
{
    public const int Width = 900, Height = 460, Left = 80, Right = 32, Top = 76, Bottom = 56;
    public const double PlotWidth = Width - Left - Right, PlotHeight = Height - Top - Bottom, BaseLine = Height - Bottom;
    public const string GridColour = "#dddddd", AxisColour = "#555555";

    // Okabe and Ito's, which differ for everybody.
    private static readonly string[] Colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000"];

    public static string ColourOf(int series) => Colours[series % Colours.Length];

    /// <summary>A drawing with a title, the unit below it, and a legend.</summary>
    public static SvgDocument Begin(string title, string unit, IEnumerable<string> series)
    {
        var svg = new SvgDocument(Width, Height, title);
        svg.Text(Left, 24, title, size: 16);
        svg.Text(Left, 42, unit);
        var x = (double)Left;
        foreach (var (number, name) in series.Index())
        {
            svg.Rectangle(x, 53, 10, 10, ColourOf(number));
            svg.Text(x + 15, 62, name);
            x += 40 + (7 * name.Length);
        }

        return svg;
    }
}
