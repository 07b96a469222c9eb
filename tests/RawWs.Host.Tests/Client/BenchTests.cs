using System.Text.Json;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public class BenchTests
{
    [Theory]
    [InlineData("--connections 3 --in-flight 4 --size 70000 --binary")]
    [InlineData("--connections 2 --size 1")]
    [InlineData("--connections 2 --size 2K --compress")]
    public async Task What_it_counts_adds_up(string load)
    {
        await using var server = await LoopbackServer.StartAsync(configure: options => options.Compression = CompressionMode.Shared);

        var result = await RawwsProcess.RunAsync(["bench", server.Address, "--json", "--duration", "0.5", "--warm-up", "0.1", .. load.Split(' ')]);

        Assert.Equal((ExitCode.Success, ""), (result.ExitCode, result.Errors));
        var report = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(server.Address, report.GetProperty("url").GetString());
        Assert.True(NumberOf(report, "received") > 0);
        Assert.Equal(NumberOf(report, "sent"), NumberOf(report, "received"));
        Assert.Equal(0, NumberOf(report, "missing"));
        Assert.Equal(0.5, NumberOf(report, "seconds"), 9);
        Assert.Equal(NumberOf(report, "received"), NumberOf(report, "messagesPerSecond") * NumberOf(report, "seconds"), 3);
        Assert.Equal(NumberOf(report, "messagesPerSecond") * NumberOf(report, "size") / 1e6, NumberOf(report, "megabytesPerSecond"), 6);
        Assert.Equal(0, report.GetProperty("failures").GetArrayLength());

        double[] latencies = [.. report.GetProperty("latencyMilliseconds").EnumerateObject().Select(latency => latency.Value.GetDouble())];
        Assert.Equal(5, latencies.Length);
        Assert.Equal(latencies.Order(), latencies);
        Assert.True(latencies[0] > 0);
    }

    [Fact]
    public async Task A_rate_is_kept()
    {
        await using var server = await LoopbackServer.StartAsync();

        var result = await RawwsProcess.RunAsync("bench", server.Address, "--json", "--duration", "1", "--warm-up", "0.5", "--rate", "400", "--connections", "7");

        // Whatever held it up: what was due is sent, and charged for it.
        var report = JsonDocument.Parse(result.Output).RootElement;
        Assert.InRange(NumberOf(report, "sent"), 399, 401);
        Assert.Equal(1, NumberOf(report, "seconds"), 9);
        Assert.Equal(NumberOf(report, "sent"), NumberOf(report, "received"));
    }

    [Fact]
    public async Task A_server_that_stands_still_is_charged_for_everything_that_had_to_wait()
    {
        // It holds back all that is due in the second, and then gives it all back.
        var (kept, isOpen) = (new List<byte[]>(), false);
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                kept.Add(message.ToArray());
                isOpen |= kept.Count == 100;
                if (!isOpen)
                    continue;

                foreach (var payload in kept)
                    await connection.SendAsync(payload, MessageType.Text, cancellationToken);
                kept.Clear();
            }
        });

        var result = await RawwsProcess.RunAsync("bench", server.Address, "--json", "--duration", "1", "--warm-up", "0", "--rate", "100", "--connections", "1");

        // The first of 100 that are due 10 ms apart has waited for 99 others, and half of all for 49: however fast the answer was.
        Assert.Equal((ExitCode.Success, ""), (result.ExitCode, result.Errors));
        var latencies = JsonDocument.Parse(result.Output).RootElement.GetProperty("latencyMilliseconds");
        Assert.True(NumberOf(latencies, "max") >= 980, result.Output);
        Assert.True(NumberOf(latencies, "p50") >= 480, result.Output);
    }

    [Fact]
    public async Task A_table_is_for_people()
    {
        await using var server = await LoopbackServer.StartAsync();

        var result = await RawwsProcess.RunAsync("bench", server.Address, "--duration", "0.2", "--warm-up", "0");

        Assert.Equal((ExitCode.Success, ""), (result.ExitCode, result.Errors));
        Assert.StartsWith($"{server.Address}: 16 connections, 64 bytes, 1 in flight each, 0.2 s\n\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["messages/s", "MB/s", "p50", "p90", "p99", "p99.9", "max", "sent", "came", "this"],
            result.Output.TrimEnd().Split('\n')[2..].Select(line => line.Trim().Split(' ')[0]));
    }

    [Theory]
    [InlineData("--in-flight 3")]
    [InlineData("--rate 50")]
    public async Task A_server_that_never_answers_ends_it_with_an_error_when_the_time_is_up(string load)
    {
        var (session, _, _) = ClientServer.Recorder();
        await using var server = await LoopbackServer.StartAsync(session);

        var result = await RawwsProcess.RunAsync(["bench", server.Address, "--json", "--connections", "1", "--duration", "0.2", "--warm-up", "0", .. load.Split(' ')]);

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("messages did not come back.", result.Errors, StringComparison.Ordinal);
        var report = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(0, NumberOf(report, "received"));
        Assert.Equal(NumberOf(report, "sent"), NumberOf(report, "missing"));
        Assert.Equal(1, report.GetProperty("failures").GetArrayLength());
    }

    [Fact]
    public async Task A_server_that_sends_something_else_is_found_out()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await connection.SayAsync("something else");
        });

        var result = await RawwsProcess.RunAsync("bench", server.Address, "--duration", "60", "--connections", "1");

        Assert.Equal((ExitCode.Failure, "rawws: The server sent something else than the message that it had been sent: bench needs an endpoint that echoes, such as /echo of rawws.\n"), (result.ExitCode, result.Errors));
    }

    [Fact]
    public async Task A_server_that_answers_twice_is_found_out()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                await connection.SendAsync(message, cancellationToken);
                await connection.SendAsync(message, cancellationToken);
            }
        });

        var result = await RawwsProcess.RunAsync("bench", server.Address, "--duration", "60", "--connections", "1");

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("bench needs an endpoint that echoes", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_closes_in_the_middle_ends_it()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            await connection.SendAsync((await connection.ReceiveAsync(cancellationToken))!.Value, cancellationToken);
            await connection.CloseAsync(CloseCode.PolicyViolation, "enough");
        });

        var result = await RawwsProcess.RunAsync("bench", server.Address, "--duration", "60", "--connections", "2");

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("The server closed a connection with 1008 (policy violation): enough", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_early_and_tells_what_has_been_measured()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send these signals to one process.");
        Signals.SkipIfIgnored("INT");
        var (echoCount, many) = (0, new TaskCompletionSource());
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                await connection.SendAsync(message, cancellationToken);
                if (Interlocked.Increment(ref echoCount) == 100)
                    many.SetResult();
            }
        });
        await using var rawws = RawwsProcess.StartClient("bench", server.Address, "--json", "--duration", "600", "--warm-up", "0");
        await many.Task.WaitAsync(rawws.Deadline);

        await rawws.SignalAsync("INT");

        var result = await rawws.WaitForEndAsync();
        Assert.Equal((ExitCode.Interrupted, ""), (result.ExitCode, result.Errors));
        var report = JsonDocument.Parse(result.Output).RootElement;
        Assert.True(NumberOf(report, "received") > 0);
        Assert.Equal(NumberOf(report, "sent"), NumberOf(report, "received"));
    }

    [Theory]
    [InlineData(false, "how far\n")]
    [InlineData(true, "\r\e[Khow far")]
    public async Task How_far_it_is_is_told_each_second(bool isTerminal, string expected)
    {
        var (output, time) = (new StringWriter { NewLine = "\n" }, new ManualTimeProvider());
        using var finished = new CancellationTokenSource();
        var told = new SemaphoreSlim(0);
        var progress = new BenchProgress(output, isTerminal, time).RunAsync(() => $"how far{(told.Release() == 0 ? "" : "")}", finished.Token);

        time.Advance(TimeSpan.FromSeconds(1));
        await told.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1));
        await told.WaitAsync(TestContext.Current.CancellationToken);
        await finished.CancelAsync();
        await progress;

        Assert.Equal(expected + expected + (isTerminal ? "\r\e[K" : ""), output.ToString());
    }

    private static double NumberOf(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
