namespace RawWs.Conformance.Tests;

/// <summary>What makes no sense is told before anything is run, and ends with 2.</summary>
public sealed class ConformanceCommandTests
{
    [Theory]
    [InlineData("--parallel", "many")]
    [InlineData("--parallel", "0")]
    [InlineData("--parallel", "257")]
    [InlineData("--max-message-size", "16M")]
    [InlineData("--max-message-size", "4095")]
    [InlineData("--timeout", "soon")]
    [InlineData("--timeout", "-1")]
    [InlineData("--timeout", "1e300")]
    [InlineData("--slow-timeout", "0")]
    [InlineData("--html", "/")]
    [InlineData("--json", "/none/report.json")]
    public async Task A_value_that_makes_no_sense_ends_with_2(string option, string value)
        => Assert.Equal(2, await ConformanceCommand.RunAsync(["ws://127.0.0.1:3000/echo", "--list", "--only", "ping/size-125", option, value]));

    [Theory]
    [InlineData("--parallel", "256")]
    [InlineData("--max-message-size", "4096")]
    [InlineData("--timeout", "0.5")]
    [InlineData("--html", "report.html")]
    public async Task A_value_that_makes_sense_ends_with_0(string option, string value)
        => Assert.Equal(0, await ConformanceCommand.RunAsync(["ws://127.0.0.1:3000/echo", "--list", "--only", "ping/size-125", option, value]));
}
