using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Bursts, and what each leaves in the server.</summary>
internal sealed class BurstRun(TargetServer server, int connections, int repeat)
{
    private const int WarmUpCount = 100;

    private readonly Failures _failures = new();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using (var warmUp = new Burst(server.EndPoint, WarmUpCount, _failures))
        {
            await warmUp.OpenAsync(cancellationToken);
            await warmUp.EchoAsync(cancellationToken);
            await warmUp.LeaveAsync(cancellationToken);
        }

        var (before, _) = await server.SettleAsync(server.Measure(), cancellationToken);
        Console.WriteLine($"server before (after {WarmUpCount} connections): {before}");

        for (var round = 1; round <= repeat && server.IsRunning; round++)
            await RoundAsync(round, before, cancellationToken);

        if (!server.IsRunning)
            _failures.Add("The server died.");
        return Report.Verdict(_failures.Lines, server);
    }

    private async Task RoundAsync(int round, ServerUsage before, CancellationToken cancellationToken)
    {
        using var burst = new Burst(server.EndPoint, connections, _failures);
        await using var sampler = new UsageSampler(server);

        var opening = await TimeAsync(burst.OpenAsync, cancellationToken);
        var opened = burst.OpenCount;
        var echoing = await TimeAsync(burst.EchoAsync, cancellationToken);
        var open = server.Measure();
        var leaving = await TimeAsync(burst.LeaveAsync, cancellationToken);
        var (after, isBack) = await server.SettleAsync(before, cancellationToken);

        Report.Table(
            ($"burst {round} of {repeat}", $"{Report.Count(opened)} of {Report.Count(connections)} opened"),
            ("all open after", $"{Report.Seconds(opening)}, {Report.PerSecond(opened, opening)}/s"),
            ("one echo each", Report.Seconds(echoing)),
            ("all gone after", Report.Seconds(leaving)),
            ("server with all open", $"{open}, {Report.Count((open.Memory - before.Memory) / Math.Max(1, opened))} bytes for each"),
            ("server at peak", sampler.Peak.ToString()),
            ("server after", after.ToString()));

        if (!isBack)
            _failures.Add("The descriptors did not come back.");
    }

    private static async Task<TimeSpan> TimeAsync(Func<CancellationToken, Task> actAsync, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await actAsync(cancellationToken);
        return clock.Elapsed;
    }
}
