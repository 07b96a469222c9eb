using RawWs.Testing;

namespace RawWs.Host.Tests;

public class ListenTests
{
    [Fact]
    public async Task Each_message_is_a_line_as_far_as_it_has_been_counted()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            await connection.SayAsync("plain", "ünïcode \e[31m");
            await connection.SendAsync(new byte[] { 0, 1, 0xFE });
            await connection.SayAsync("one too many");
            await connection.ReadToEndAsync();
        });

        var result = await RawwsProcess.RunAsync("listen", server.Address, "--count", "3");

        // Not to a terminal, so text is what it is.
        Assert.Equal((ExitCode.Success, "plain\nünïcode \e[31m\nbinary, 3 bytes: 0001fe\n", ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Theory]
    [InlineData("--base64", "aGk=\nAAE=\n")]
    [InlineData("--raw", "hi\0\u0001")]
    public async Task Messages_may_be_printed_for_programs(string option, string expected)
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            await connection.SayAsync("hi");
            await connection.SendAsync(new byte[] { 0, 1 });
        });

        var result = await RawwsProcess.RunAsync("listen", server.Address, option);

        Assert.Equal((ExitCode.Success, expected, ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_closes_with_1000_and_ends_with_0(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send these signals to one process.");
        Signals.SkipIfIgnored(signal);
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            connection.TellHowItEnds(closed);
            await connection.SayAsync("hello");
            await connection.ReadToEndAsync();
        });
        await using var rawws = RawwsProcess.StartClient("listen", server.Address);
        Assert.Equal("hello", await rawws.ReadLineAsync());

        await rawws.SignalAsync(signal);

        var result = await rawws.WaitForEndAsync();
        Assert.Equal((ExitCode.Success, "", ""), (result.ExitCode, result.Output, result.Errors));
        Assert.Equal(CloseCode.NormalClosure, (await closed.Task).ReceivedCode);
    }

    [Theory]
    [InlineData(1000, null, ExitCode.Success, "")]
    [InlineData(1000, "3", ExitCode.Failure, "rawws: The server closed the connection with 1000 (normal closure), after 1 of 3 messages\n")]
    [InlineData(1008, null, ExitCode.Failure, "rawws: The server closed the connection with 1008 (policy violation): why\n")]
    [InlineData(4001, null, ExitCode.Failure, "rawws: The server closed the connection with 4001: why\n")]
    public async Task How_the_server_closes_is_how_it_ends(int code, string? count, int exitCode, string errors)
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            await connection.SayAsync("hello");
            await connection.CloseAsync((CloseCode)code, code == 1000 ? "" : "why");
        });

        var result = await RawwsProcess.RunAsync(["listen", server.Address, .. count is null ? (string[])[] : ["--count", count]]);

        Assert.Equal((exitCode, "hello\n", errors), (result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public async Task Connections_that_are_lost_are_followed_by_others()
    {
        var number = 0;
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            var mine = Interlocked.Increment(ref number);
            await connection.SayAsync($"{mine}");
            if (mine == 1)
                connection.Abort();
            else
                await connection.CloseAsync(CloseCode.ServiceRestart);
        });

        var result = await RawwsProcess.RunAsync("listen", server.Address, "--reconnect", "--count", "2");

        // An abort may overtake what was sent before it.
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Equal(2, result.Output.TrimEnd().Split('\n').Length);
        Assert.Contains("(the next attempt is in 0.", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_between_two_attempts_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send these signals to one process.");
        Signals.SkipIfIgnored("INT");
        var refused = new SemaphoreSlim(0);
        await using var server = await LoopbackServer.StartAsync(configure: options => options.OnUpgrade = (_, _) =>
        {
            refused.Release();
            return new(UpgradeResponse.Refuse(System.Net.HttpStatusCode.ServiceUnavailable));
        });
        await using var rawws = RawwsProcess.StartClient("listen", server.Address, "--reconnect");
        await refused.WaitAsync(rawws.Deadline);
        await refused.WaitAsync(rawws.Deadline);

        await rawws.SignalAsync("INT");

        Assert.Equal(ExitCode.Success, (await rawws.WaitForEndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_refusal_that_would_be_the_same_again_ends_it()
    {
        await using var server = await LoopbackServer.StartAsync(configure: options => options.OnUpgrade = (_, _) => new(UpgradeResponse.Refuse(System.Net.HttpStatusCode.Forbidden)));

        (await RawwsProcess.RunAsync("listen", server.Address, "--reconnect")).AssertFailed(ExitCode.Failure, "The server refused the WebSocket with 403 Forbidden.");
    }

    [Fact]
    public async Task Verbose_tells_of_pings_and_of_the_close_frame()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            // Its answer is read by whoever reads messages.
            var reading = connection.ReadToEndAsync();
            await connection.PingAsync(cancellationToken);
            await connection.CloseAsync(CloseCode.NormalClosure, "bye\a");
            await reading;
        });

        var result = await RawwsProcess.RunAsync("listen", server.Address, "--verbose");

        Assert.Equal((ExitCode.Success, ""), (result.ExitCode, result.Output));
        Assert.Matches($@"^connected to {server.Address}\nping(, \d+ bytes: [0-9a-f]+)?\nclose, 1000 \(normal closure\): bye\\u0007\n$", result.Errors);
    }

    [Fact]
    public async Task It_ends_when_nobody_reads_what_it_prints()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes of Windows break otherwise.");
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            while (!cancellationToken.IsCancellationRequested)
                await connection.SayAsync("again");
        });
        await using var rawws = RawwsProcess.StartClient("listen", server.Address);
        Assert.Equal("again", await rawws.ReadLineAsync());

        rawws.StopReading();

        var result = await rawws.WaitForSilentEndAsync();
        Assert.Equal((ExitCode.Success, ""), (result.ExitCode, result.Errors));
    }
}
