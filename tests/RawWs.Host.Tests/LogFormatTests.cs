using System.Text.Json;

namespace RawWs.Host.Tests;

public class LogFormatTests
{
    public LogFormatTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send the signal that ends it.");

    [Fact]
    public async Task A_record_is_a_line_of_JSON()
    {
        var errors = await ErrorsOfAsync("json");

        using var json = JsonDocument.Parse(Assert.Single(errors));
        Assert.Equal(("Warning", "RawWs"), (json.RootElement.GetProperty("LogLevel").GetString(), json.RootElement.GetProperty("Category").GetString()));
        Assert.StartsWith("The variable RAWWS_PROT sets nothing", json.RootElement.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, json.RootElement.GetProperty("Timestamp").GetDateTimeOffset().Offset);
    }

    [Fact]
    public async Task A_record_is_a_line_for_people_by_default()
        => Assert.Equal("warn: RawWs[80] The variable RAWWS_PROT sets nothing; the nearest that does is RAWWS_PORT.", Assert.Single(await ErrorsOfAsync("plain")));

    private static async Task<string[]> ErrorsOfAsync(string format)
    {
        await using var rawws = await RawwsProcess.StartAsync(["--port", "0", "--log-format", format], [("RAWWS_PROT", "1")]);
        await rawws.SignalAsync("TERM");
        return (await rawws.WaitForEndAsync()).Errors.TrimEnd().Split('\n');
    }
}
