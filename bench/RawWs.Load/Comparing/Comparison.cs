using System.Globalization;
using System.Net.Sockets;
using RawWs.Host;

namespace RawWs.Load;

/// <summary>Servers in turn, A B A B, cell by cell: what else the machine does then meets them all.</summary>
/// <param name="cells">The loads.</param>
/// <param name="servers">The first is what the others are compared with.</param>
/// <param name="rounds">How often each is measured, after a round that counts for nothing.</param>
/// <param name="timing">Of each run.</param>
internal sealed class Comparison(IReadOnlyList<Cell> cells, IReadOnlyList<Participant> servers, int rounds, LoadTiming timing)
{
    // What the connections of a run leave behind is gone by then.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    /// <summary>Runs all, and says what each round gives.</summary>
    /// <returns>For each cell what each server did, in the order of the servers.</returns>
    public async Task<IReadOnlyList<(Cell Cell, IReadOnlyList<CellOutcome> Outcomes)>> RunAsync(CancellationToken cancellationToken)
    {
        var all = new List<(Cell, IReadOnlyList<CellOutcome>)>();
        foreach (var cell in cells)
            all.Add((cell, await RunCellAsync(cell, cancellationToken)));

        return all;
    }

    private async Task<IReadOnlyList<CellOutcome>> RunCellAsync(Cell cell, CancellationToken cancellationToken)
    {
        var outcomes = servers.Select(server => new CellOutcome(server.Name)).ToList();
        for (var round = 0; round <= rounds; round++)
        {
            LoadResult? first = null;
            foreach (var (place, server) in servers.Index())
            {
                if (!server.Has(cell) || outcomes[place].Failures.Count > 0)
                    continue;

                var result = await MeasureAsync(server, cell, cancellationToken);
                if (place == 0 && result.Failures.Count == 0)
                    first = result;
                if (round > 0 || result.Failures.Count > 0)
                    outcomes[place].Add(result, first);

                Say(round, cell, server, result, first);
            }
        }

        return outcomes;
    }

    private async Task<LoadResult> MeasureAsync(Participant server, Cell cell, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, cancellationToken);
        try
        {
            return await server.RunAsync(cell, timing, cancellationToken);
        }
        catch (Exception error) when (error is IOException or SocketException or InvalidOperationException or ArgumentException)
        {
            // It does not begin to work, or its process is not there any more: the others go on.
            return new LoadResult("nothing", 0, timing.Duration, TimeSpan.Zero, 0, new LatencyHistogram(), [error.Message]);
        }
    }

    private void Say(int round, Cell cell, Participant server, LoadResult result, LoadResult? first)
    {
        var which = round == 0 ? "warm-up" : $"round {round} of {rounds}";
        var what = result.Failures.Count > 0
            ? $"FAILED: {result.Failures[0]}"
            : string.Create(CultureInfo.InvariantCulture, $"{result.PerCpuSecond,12:N0} {result.Unit} per CPU-second{(first is null || first == result ? "" : $", {result.PerCpuSecond / first.PerCpuSecond:F2} of {servers[0].Name}")}");
        Console.WriteLine($"{which,-14} {cell,-24} {server.Name,-16} {what}");
    }
}
