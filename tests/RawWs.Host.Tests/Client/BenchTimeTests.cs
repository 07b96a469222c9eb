namespace RawWs.Host.Tests;

public class BenchTimeTests
{
    [Fact]
    public void What_is_due_is_measured_behind_the_warm_up_and_before_the_end()
    {
        var time = BenchTime.From(1_000, new() { Client = new() { Url = new Uri("ws://x/") }, WarmUp = TimeSpan.FromSeconds(1), Duration = TimeSpan.FromSeconds(2) });
        var second = TimeProvider.System.TimestampFrequency;

        Assert.Equal(new BenchTime(1_000, 1_000 + second, 1_000 + (3 * second)), time);
        Assert.Equal(
            [false, false, true, true, false],
            ((long[])[time.Begin, time.Start - 1, time.Start, time.End - 1, time.End]).Select(time.Measures));
    }
}
