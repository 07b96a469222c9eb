using System.Diagnostics;

namespace RawWs.Load;

/// <summary>The nodes of one contestant, and the redis-server between them, which keeps nothing. Each contestant has one of its own.</summary>
internal sealed class ClusterServers(ClusterContestant contestant, int nodeCount, int? core) : Participant(contestant.Name)
{
    private static readonly TimeSpan LongestJoin = TimeSpan.FromSeconds(30);
    private static readonly LoadTiming Probe = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50), Spins: false) { RestTimeout = TimeSpan.FromMilliseconds(500) };

    // Redis first.
    private readonly List<TargetServer> _processes = [];
    private LoadTarget? _target;

    public override bool Has(Cell cell) => cell.Kind == CellKind.Fanout;

    public override async Task<LoadResult> RunAsync(Cell cell, LoadTiming timing, CancellationToken cancellationToken)
        => await cell.RunAsync(_target ??= await StartAsync(cancellationToken), timing, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
            await process.DisposeAsync();

        _processes.Clear();
    }

    private async Task<LoadTarget> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await StartAllAsync(cancellationToken);
        }
        catch
        {
            // The next cell may be luckier, and begins anew.
            await DisposeAsync();
            throw;
        }
    }

    private async Task<LoadTarget> StartAllAsync(CancellationToken cancellationToken)
    {
        var redis = await AddAsync(
            new ServerStart("redis-server", ["--bind", "127.0.0.1", "--port", ServerStart.PortPlace, "--save", "", "--appendonly", "no"]), cancellationToken);
        for (var node = 0; node < nodeCount; node++)
            await AddAsync(contestant.NodeAt(redis.EndPoint.Port), cancellationToken);

        var target = new LoadTarget(_processes[1].EndPoint, contestant.Path, _processes[1].ProcessId, contestant.SpeaksSocketIO)
        {
            OtherNodes = [.. _processes.Skip(2).Select(node => (node.EndPoint, node.ProcessId))],
            Broker = redis.ProcessId,
        };
        await WaitUntilItIsWholeAsync(target, cancellationToken);
        return target;
    }

    private async Task<TargetServer> AddAsync(ServerStart start, CancellationToken cancellationToken)
    {
        var process = await TargetServer.StartAsync(start, core, cancellationToken);
        _processes.Add(process);
        return process;
    }

    // Nodes take clients before they hear each other: there is a cluster when what one says has reached a member on each.
    private async Task WaitUntilItIsWholeAsync(LoadTarget target, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var result = await new Cell(CellKind.Fanout, nodeCount).RunAsync(target, Probe, cancellationToken);
            if (result is { Failures.Count: 0, Count: > 0 })
                return;
            if (clock.Elapsed > LongestJoin)
                throw new InvalidOperationException($"The nodes do not hear each other. {(result.Failures.Count > 0 ? result.Failures[0] : "Nothing was delivered.")}");
        }
    }
}
