using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawWs.Host;

/// <summary>Writes down what a bench has measured.</summary>
internal static class BenchReport
{
    private const double Million = 1_000_000;

    private static readonly (string Name, double Share)[] Percentiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

    /// <returns>A table, of several lines.</returns>
    public static string ToText(BenchOptions options, BenchResult result)
    {
        var (latencies, load) = (result.Latencies, options.Rate is { } rate ? $"{rate:N0} messages/s" : $"{options.InFlight:N0} in flight each");
        List<(string Name, string Value)> rows =
        [
            ("messages/s", Number(result.PerSecond, "N0")),
            ("MB/s", Number(MegabytesPerSecond(options, result), "N2")),
            .. Percentiles.Select(percentile => (percentile.Name, Milliseconds(latencies.Quantile(percentile.Share)))),
            ("max", Milliseconds(latencies.Max)),
            ("sent", Number(result.SentCount, "N0")),
            ("came back", Number(result.ReceivedCount, "N0")),
            ("this program", $"{Number(result.Processors, "N2")} processors"),
        ];
        var (nameWidth, valueWidth) = (rows.Max(row => row.Name.Length), rows.Max(row => row.Value.Split(' ')[0].Length));
        return string.Create(CultureInfo.InvariantCulture, $"{options.Client.Url}: {options.Connections:N0} connections, {options.Size:N0} bytes, {load}, {result.Elapsed.TotalSeconds:0.0} s\n\n")
            + string.Join('\n', rows.Select(row => $"  {row.Name.PadRight(nameWidth)}  {Aligned(row.Value, valueWidth)}"));
    }

    /// <returns>One object, in one line.</returns>
    public static string ToJson(BenchOptions options, BenchResult result)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, options, result);

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, BenchOptions options, BenchResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("url", options.Client.Url.OriginalString);
        writer.WriteNumber("connections", options.Connections);
        writer.WriteNumber("size", options.Size);
        if (options.Rate is { } rate)
            writer.WriteNumber("rate", rate);
        else
            writer.WriteNumber("inFlight", options.InFlight);

        writer.WriteNumber("seconds", result.Elapsed.TotalSeconds);
        writer.WriteNumber("sent", result.SentCount);
        writer.WriteNumber("received", result.ReceivedCount);
        writer.WriteNumber("missing", result.MissingCount);
        writer.WriteNumber("messagesPerSecond", result.PerSecond);
        writer.WriteNumber("megabytesPerSecond", MegabytesPerSecond(options, result));
        writer.WriteStartObject("latencyMilliseconds");
        foreach (var (name, share) in Percentiles)
            writer.WriteNumber(name, result.Latencies.Quantile(share) / Million);

        writer.WriteNumber("max", result.Latencies.Max / Million);
        writer.WriteEndObject();
        writer.WriteNumber("processors", result.Processors);
        writer.WriteStartArray("failures");
        foreach (var failure in result.Failures)
            writer.WriteStringValue(failure);

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // Payloads that came back, in millions of bytes.
    private static double MegabytesPerSecond(BenchOptions options, BenchResult result) => result.PerSecond * options.Size / Million;

    private static string Milliseconds(long nanoseconds) => $"{Number(nanoseconds / Million, "N3")} ms";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    // Numbers below each other, and their units behind them.
    private static string Aligned(string value, int width)
    {
        var number = value.Split(' ')[0];
        return number.PadLeft(width) + value[number.Length..];
    }
}
