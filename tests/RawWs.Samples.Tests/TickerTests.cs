namespace RawWs.Samples.Tests;

public sealed class TickerTests
{
    [Fact]
    public async Task A_subscriber_is_sent_prices_of_every_symbol()
    {
        await using var ticker = await SampleProcess.StartAsync("Ticker");
        using var client = await ticker.ConnectAsync();

        var symbols = new HashSet<string>();
        while (symbols.Count < 5)
            symbols.Add((await ticker.ReadTextAsync(client)).Split(' ')[0]);

        Assert.Equal(["ACME", "BOLT", "CRUX", "DUNE", "EDGE"], symbols.Order());
    }

    [Fact]
    public async Task In_the_demonstration_even_the_slow_reader_sees_the_newest_of_every_symbol()
    {
        var (exitCode, output) = await SampleProcess.RunAsync("Ticker", "--demo");

        Assert.True(exitCode == 0, output);
        Assert.Contains("Cleo, who is slow: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT", output, StringComparison.Ordinal);
    }
}
