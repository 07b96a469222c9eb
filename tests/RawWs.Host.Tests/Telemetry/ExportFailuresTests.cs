using RawWs.Testing;

namespace RawWs.Host.Tests;

public class ExportFailuresTests
{
    [Fact]
    public void A_collector_that_is_away_for_long_is_one_warning_in_ten_minutes()
    {
        var time = new ManualTimeProvider();
        using var log = new RecordingLoggerFactory();
        using var failures = new ExportFailures(new Uri("http://localhost:4318"), log, time);

        failures.Report("System.Exception: refused\n   at Somewhere");
        failures.Report("again");
        time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        failures.Report("again");
        time.Advance(TimeSpan.FromTicks(1));
        failures.Report("still");

        Assert.Equal(
            [
                "Telemetry could not be sent to http://localhost:4318/: System.Exception: refused (0 such failures were not told)",
                "Telemetry could not be sent to http://localhost:4318/: still (2 such failures were not told)",
            ],
            log.Entries.Select(entry => entry.Message));
    }
}
