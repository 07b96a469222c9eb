namespace RawWs.Load;

/// <summary>A warm-up round, a long round, and what the server holds before, at its peak and after.</summary>
internal sealed class Soak(TargetServer server, int burst)
{
    private const double MemoryFactor = 1.5;
    private const long MemorySlack = 64 << 20;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(25);

    private readonly SoakTally _tally = new();

    public async Task<int> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var before = server.Measure();
        Console.WriteLine($"before: {before}; a warm-up round of {WarmUp.TotalSeconds} s");
        await RoundAsync(WarmUp, new SoakTally(), cancellationToken);
        var (warm, _) = await server.SettleAsync(before, cancellationToken);
        Console.WriteLine($"after the warm-up round: {warm}; now {length.TotalMinutes:F1} minutes");

        var peak = await RoundAsync(length, _tally, cancellationToken);
        var (after, isBack) = await server.SettleAsync(before, cancellationToken);

        ReportAll(before, warm, peak, after);
        return Report.Verdict([.. Judge(warm, after, isBack), .. _tally.Failures.Lines], server);
    }

    private async Task<ServerUsage> RoundAsync(TimeSpan length, SoakTally tally, CancellationToken cancellationToken)
    {
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var sampler = new UsageSampler(server);
        var progress = ProgressLine.RunAsync(
            elapsed => $"{Report.Count(tally.Cycles)} cycles ({Report.PerSecond(tally.Cycles, elapsed)}/s), {tally.Bursts} bursts, {Report.Count(tally.Resets)} resets, "
                + $"{Report.Count(tally.Checked)} messages checked, {tally.Lost} lost, {tally.OutOfOrder} out of order, {tally.Failures.Count} failures; server: {sampler.Latest}",
            finished.Token);

        await new SoakRound(server, burst, tally).RunAsync(length, cancellationToken);
        await finished.CancelAsync();
        await progress;
        return sampler.Peak;
    }

    private void ReportAll(ServerUsage before, ServerUsage warm, ServerUsage peak, ServerUsage after) => Report.Table(
        ("cycles of opening, echoing, closing", Report.Count(_tally.Cycles)),
        ($"bursts of {Report.Count(burst)}", Report.Count(_tally.Bursts)),
        ("floods", $"{Report.Count(_tally.Floods)}, {ServerUsage.Mebibytes(_tally.FloodBytes)}; closed with 1008: {Report.Count(_tally.FloodsClosed)}"),
        ("resets", Report.Count(_tally.Resets)),
        ("silent peers", $"{Report.Count(_tally.SilentPeers)}, ended by the server: {Report.Count(_tally.SilentPeersEnded)}"),
        ("slow readers of /broadcast", $"{Report.Count(_tally.SlowReaders)}, ended by the server: {Report.Count(_tally.SlowReadersEnded)}"),
        ("members that came and went", Report.Count(_tally.Visits)),
        ("messages published", Report.Count(_tally.Published)),
        ("messages checked", Report.Count(_tally.Checked)),
        ("lost, out of order", $"{Report.Count(_tally.Lost)}, {Report.Count(_tally.OutOfOrder)}"),
        ("server before", before.ToString()),
        ("server after the warm-up round", warm.ToString()),
        ("server at peak", $"{peak}; most memory ever {ServerUsage.Mebibytes(peak.PeakMemory)}"),
        ("server after", after.ToString()));

    private IEnumerable<string> Judge(ServerUsage warm, ServerUsage after, bool isBack)
    {
        if (!server.IsRunning)
        {
            yield return "The server died.";
            yield break;
        }

        if (!isBack)
            yield return "The descriptors did not come back to within a few of the start.";
        if (_tally.Lost > 0)
            yield return $"{Report.Count(_tally.Lost)} messages were lost.";
        if (_tally.OutOfOrder > 0)
            yield return $"{Report.Count(_tally.OutOfOrder)} messages came twice or out of order.";
        if (_tally.Checked == 0)
            yield return "Nothing was checked.";
        if (after.Memory > (MemoryFactor * warm.Memory) + MemorySlack)
            yield return $"The memory is more than {MemoryFactor} times what it was after the warm-up round, and 64 MiB.";
    }
}
