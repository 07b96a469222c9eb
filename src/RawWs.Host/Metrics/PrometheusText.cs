using System.Globalization;
using System.Text;

namespace RawWs.Host;

/// <summary>The text format of Prometheus, version 0.0.4: names, escapes and samples.</summary>
internal static class PrometheusText
{
    /// <summary>
    /// The name of a family: letters, digits and underscores, with the unit behind it if that is one of measure, and <c>_total</c> behind that of a counter.
    /// </summary>
    public static string NameOf(string instrument, string? unit, bool isCounter)
    {
        var name = Sanitize(instrument);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return (name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix) + (isCounter ? "_total" : "");
    }

    /// <summary>The labels of a series, without braces.</summary>
    public static string LabelsOf(IEnumerable<KeyValuePair<string, object?>> tags)
        => string.Join(',', tags.Select(tag => $"{Sanitize(tag.Key)}=\"{EscapeValue(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "")}\""));

    /// <summary>The labels of a bucket.</summary>
    public static string WithBound(string labels, double bound) => $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{NumberOf(bound)}\"";

    /// <summary>The help of a family, on its one line.</summary>
    public static string EscapeHelp(string help) => help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    public static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');

        text.Append(' ').Append(NumberOf(value)).Append('\n');
    }

    private static string EscapeValue(string value) => EscapeHelp(value).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string NumberOf(double number) => double.IsPositiveInfinity(number) ? "+Inf" : number.ToString(CultureInfo.InvariantCulture);

    private static string Sanitize(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        if (name is ['0' or '1' or '2' or '3' or '4' or '5' or '6' or '7' or '8' or '9', ..])
            text.Append('_');

        foreach (var character in name)
            text.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');

        return text.ToString();
    }
}
