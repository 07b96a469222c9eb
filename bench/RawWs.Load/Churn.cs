using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Opens, echoes and closes, a number of times, and looks at what that leaves in the server.</summary>
internal sealed class Churn(TargetServer server, int cycles, int connections)
{
    private readonly Failures _failures = new();
    private long _begun;
    private long _done;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // Code that has not been compiled and pools that are not filled are no leak.
        await LoopsAsync(Math.Min(cycles, 2_000), cancellationToken);
        var (before, _) = await server.SettleAsync(server.Measure(), cancellationToken);
        (_begun, _done) = (0, 0);

        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var sampler = new UsageSampler(server);
        var progress = ProgressLine.RunAsync(
            elapsed => $"{Report.Count(_done)} cycles ({Report.PerSecond(_done, elapsed)}/s), server: {sampler.Latest}", finished.Token);

        var clock = Stopwatch.StartNew();
        await LoopsAsync(cycles, cancellationToken);
        clock.Stop();
        await finished.CancelAsync();
        await progress;
        var (after, isBack) = await server.SettleAsync(before, cancellationToken);

        Report.Table(
            ("cycles", $"{Report.Count(_done)} of {Report.Count(cycles)}, {connections} at once"),
            ("time", $"{Report.Seconds(clock.Elapsed)}, {Report.PerSecond(_done, clock.Elapsed)} cycles/s"),
            ("server before (after 2,000 cycles)", before.ToString()),
            ("server at peak", sampler.Peak.ToString()),
            ("server after", after.ToString()));

        if (!isBack)
            _failures.Add(server.IsRunning ? "The descriptors did not come back." : "The server died.");
        return Report.Verdict(_failures.Lines, server);
    }

    private Task LoopsAsync(long count, CancellationToken cancellationToken)
    {
        (_begun, _done) = (0, 0);
        return Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => LoopAsync(count, cancellationToken), cancellationToken)));
    }

    private async Task LoopAsync(long count, CancellationToken cancellationToken)
    {
        var cycle = new EchoCycle(server.EndPoint);
        while (Interlocked.Increment(ref _begun) <= count && server.IsRunning)
        {
            try
            {
                await cycle.RunAsync(cancellationToken);
                Interlocked.Increment(ref _done);
            }
            catch (Exception error) when (NetworkFailure.Is(error) || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                _failures.Add($"A cycle: {error.Message}");
            }
        }
    }
}
