using System.Net.WebSockets;

namespace RawWs.Host.Tests;

public class SignalLifetimeTests
{
    // A frame that closes with 1001 and a reason, RFC 6455 §5.5.1: FIN and opcode 8, the length, then the code.
    private const string GoingAway = "03E9";

    public SignalLifetimeTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send these signals to one process.");

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_closes_connections_with_1001_and_ends_with_0(string signal)
    {
        Signals.SkipIfIgnored(signal);
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = await rawws.ConnectAsync();
        await client.AssertEchoAsync("hello", rawws.Deadline);

        await rawws.SignalAsync(signal);
        var (type, _) = await client.ReceiveMessageAsync(rawws.Deadline);
        Assert.Equal(WebSocketMessageType.Close, type);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);

        await client.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, null, rawws.Deadline);
        var result = await rawws.WaitForEndAsync();
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.DoesNotContain("aborted", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_connections_a_signal_ends_it_silently()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");

        await rawws.SignalAsync("TERM");

        Assert.Equal(new RawwsResult(ExitCode.Success, "", ""), await rawws.WaitForEndAsync());
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("0")]
    public async Task A_client_that_does_not_answer_the_close_is_aborted_after_the_drain_time(string drainTime)
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--drain-time", drainTime);
        using var client = await SilentClient.ConnectAsync(rawws.Url, rawws.Deadline);

        await rawws.SignalAsync("TERM");
        var result = await rawws.WaitForEndAsync();

        // Without the deadline, the close timeout would have ended it, and not have said so.
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Contains("1 connections had not ended at the deadline and were aborted", result.Errors, StringComparison.Ordinal);
        await client.AssertResetAsync(rawws.Deadline);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_second_signal_ends_it_at_once(string signal)
    {
        Signals.SkipIfIgnored(signal);
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--drain-time", "50");
        using var client = await SilentClient.ConnectAsync(rawws.Url, rawws.Deadline);

        await rawws.SignalAsync(signal);
        var close = await client.ReceiveAsync(4, rawws.Deadline);
        Assert.Equal(0x88, close[0]);
        Assert.Equal(GoingAway, Convert.ToHexString(close.AsSpan(2)));

        await rawws.SignalAsync(signal);
        var result = await rawws.WaitForEndAsync();

        // As the system does it: 128 and the number of the signal.
        Assert.Equal(signal == "INT" ? 130 : 143, result.ExitCode);
    }

    // A shell without job control starts background commands with SIGINT ignored, and that is inherited, and stays so, by design.
}
