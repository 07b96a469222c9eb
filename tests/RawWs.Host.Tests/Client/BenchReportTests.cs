using System.Text.Json;

namespace RawWs.Host.Tests;

public class BenchReportTests
{
    private static readonly BenchOptions Options = new() { Client = new() { Url = new Uri("ws://localhost:3000/echo") }, Connections = 1_000, Size = 2_000, InFlight = 3 };

    [Fact]
    public void What_was_asked_for_and_measured_is_one_table()
        => Assert.Equal(
            """
            ws://localhost:3000/echo: 1,000 connections, 2,000 bytes, 3 in flight each, 0.5 s

              messages/s    2,000
              MB/s           4.00
              p50           1.004 ms
              p90           1.004 ms
              p99           1.004 ms
              p99.9         2.000 ms
              max           2.000 ms
              sent          1,001
              came back     1,000
              this program   1.50 processors
            """.ReplaceLineEndings("\n"),
            BenchReport.ToText(Options, Measured(0.5)));

    [Fact]
    public void A_rate_stands_in_the_place_of_what_is_under_way()
    {
        var paced = Options with { Rate = 5_000 };

        Assert.StartsWith("ws://localhost:3000/echo: 1,000 connections, 2,000 bytes, 5,000 messages/s, 0.5 s\n", BenchReport.ToText(paced, Measured(0.5)), StringComparison.Ordinal);
        Assert.Equal((3, null), NumbersOf(Options));
        Assert.Equal((null, 5_000), NumbersOf(paced));
    }

    // It was interrupted before it had begun.
    [Fact]
    public void In_no_time_nothing_has_come_back()
    {
        var report = JsonDocument.Parse(BenchReport.ToJson(Options, Measured(0))).RootElement;

        Assert.Equal((0, 0), (report.GetProperty("messagesPerSecond").GetDouble(), report.GetProperty("megabytesPerSecond").GetDouble()));
    }

    private static (int? InFlight, int? Rate) NumbersOf(BenchOptions options)
    {
        var report = JsonDocument.Parse(BenchReport.ToJson(options, Measured(0.5))).RootElement;
        return (NumberOf("inFlight"), NumberOf("rate"));

        int? NumberOf(string name) => report.TryGetProperty(name, out var number) ? number.GetInt32() : null;
    }

    // 998 of a millisecond, and two of two.
    private static BenchResult Measured(double seconds)
    {
        var latencies = new LatencyHistogram();
        for (var count = 0; count < 1_000; count++)
            latencies.Record(count < 998 ? 1_000_000 : 2_000_000);

        return new BenchResult(SentCount: 1_001, TimeSpan.FromSeconds(seconds), latencies, Processors: 1.5, []);
    }
}
