using System.Globalization;
using System.Security;
using System.Text;

namespace RawWs.Load;

/// <summary>A drawing as SVG text: a few shapes, text as text, no script and no font of its own.</summary>
internal sealed class SvgDocument
{
    private readonly StringBuilder _elements = new();

    /// <param name="width">In pixels, as everything here; the origin is at the top left.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="title">What it shows, also for those who can't see it.</param>
    public SvgDocument(int width, int height, string title)
    {
        Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">\n");
        _elements.Append("<title>").Append(SecurityElement.Escape(title)).Append("</title>\n");
        Rectangle(0, 0, width, height, "#ffffff");
    }

    public void Rectangle(double x, double y, double width, double height, string fill)
        => Append($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" fill=\"{fill}\"/>\n");

    public void Line(double x1, double y1, double x2, double y2, string stroke)
        => Append($"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{stroke}\"/>\n");

    public void Polyline(IEnumerable<(double X, double Y)> points, string stroke)
    {
        _elements.Append("<polyline points=\"");
        _elements.AppendJoin(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")));
        _elements.Append("\" fill=\"none\" stroke=\"").Append(stroke).Append("\" stroke-width=\"2\"/>\n");
    }

    public void Circle(double x, double y, string fill) => Append($"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"3\" fill=\"{fill}\"/>\n");

    /// <param name="x">Where the anchor is.</param>
    /// <param name="y">The base line.</param>
    /// <param name="text">May hold anything.</param>
    /// <param name="anchor">Which end of the text is at <paramref name="x"/>: start, middle or end.</param>
    /// <param name="size">Of the font.</param>
    public void Text(double x, double y, string text, string anchor = "start", int size = 12)
    {
        Append($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"#222222\">");
        _elements.Append(SecurityElement.Escape(text)).Append("</text>\n");
    }

    public override string ToString() => _elements + "</svg>\n";

    private void Append(FormattableString element) => _elements.Append(FormattableString.Invariant(element));
}
