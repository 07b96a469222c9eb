namespace RawWs.Load;

/// <summary>The servers of one contestant, started when they are needed first, and kept until the end, with what their compilers have learnt.</summary>
internal sealed class ContestantServers(Contestant contestant, int? core) : Participant(contestant.Name)
{
    private TargetServer? _echo;
    private TargetServer? _broadcast;

    public override bool Has(Cell cell) => cell.Kind switch
    {
        CellKind.Fanout => contestant.BroadcastPath is not null,
        CellKind.Polling => contestant.SpeaksSocketIO,
        _ => true,
    };

    public override async Task<LoadResult> RunAsync(Cell cell, LoadTiming timing, CancellationToken cancellationToken)
    {
        if (cell.Kind == CellKind.Idle)
        {
            // What a server holds depends on what it has done before: each time a new one.
            await using var server = await TargetServer.StartAsync(contestant.Echo, core, cancellationToken);
            await RunOnAsync(server, contestant.EchoPath, new Cell(CellKind.Churn, Connections: 8), timing, cancellationToken);
            return await RunOnAsync(server, contestant.EchoPath, cell, timing, cancellationToken);
        }

        return cell.Kind == CellKind.Fanout && contestant.BroadcastPath is { } path
            ? await RunOnAsync(await BroadcastServerAsync(cancellationToken), path, cell, timing, cancellationToken)
            : await RunOnAsync(await EchoServerAsync(cancellationToken), contestant.EchoPath, cell, timing, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_echo is not null)
            await _echo.DisposeAsync();
        if (_broadcast is not null)
            await _broadcast.DisposeAsync();
    }

    private Task<LoadResult> RunOnAsync(TargetServer server, string path, Cell cell, LoadTiming timing, CancellationToken cancellationToken)
        => cell.RunAsync(new LoadTarget(server.EndPoint, path, server.ProcessId, contestant.SpeaksSocketIO), timing, cancellationToken);

    private async Task<TargetServer> EchoServerAsync(CancellationToken cancellationToken)
        => _echo ??= await TargetServer.StartAsync(contestant.Echo, core, cancellationToken);

    private async Task<TargetServer> BroadcastServerAsync(CancellationToken cancellationToken)
        => contestant.Broadcast is { } start
            ? _broadcast ??= await TargetServer.StartAsync(start, core, cancellationToken)
            : await EchoServerAsync(cancellationToken);
}
