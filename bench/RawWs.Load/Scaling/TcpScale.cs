namespace RawWs.Load;

/// <summary>Many connections over TCP, from several addresses of this machine to a server in a process of its own.</summary>
/// <param name="core">The only one that servers run on; null for any.</param>
/// <param name="timing">Of each measurement.</param>
internal sealed class TcpScale(int? core, LoadTiming timing)
{
    private const int Size = 64;

    /// <param name="transport">sockets or eventloop.</param>
    /// <param name="connections">How many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">Something failed.</exception>
    public async Task<ScaleRow> MeasureAsync(string transport, int connections, CancellationToken cancellationToken)
    {
        // What a server holds depends on what it has done before.
        await using var server = await TargetServer.StartAsync(ScaleServer.StartOf(transport), core, cancellationToken);
        var echo = new LoadTarget(server.EndPoint, "/echo", server.ProcessId);

        await RunAsync(new ChurnRun(echo, connections: 8, timing), cancellationToken);
        var idle = await RunAsync(new IdleRun(echo, connections, timing, () => MemoryOf(server)), cancellationToken);
        var messages = await RunAsync(new EchoRun(echo, connections, Size, inFlight: 1, timing), cancellationToken);
        var broadcasts = await RunAsync(
            new FanoutRun(echo with { Path = "/broadcast" }, connections, Size, credit: 1, perSecond: 0, timing), cancellationToken);

        var held = idle.Held ?? default;
        return new ScaleRow(
            transport, connections, held.Managed ?? 0, held.Native ?? 0, held.Kernel,
            MessageMicroseconds: 1e6 / Math.Max(1, messages.PerCpuSecond),
            DeliveryMicroseconds: 1e6 / Math.Max(1, broadcasts.PerCpuSecond),
            BroadcastMilliseconds: 1e3 * connections / broadcasts.PerSecond);
    }

    private static async Task<LoadResult> RunAsync(LoadRun run, CancellationToken cancellationToken)
    {
        using (run)
        {
            var result = await run.RunAsync(cancellationToken);
            return result.Failures.Count == 0 ? result : throw new IOException(result.Failures[0]);
        }
    }

    private static ServerMemory MemoryOf(TargetServer server)
    {
        // In this order: the collection gives memory back to the system.
        var managed = long.Parse(server.Ask(ScaleServer.MemoryQuestion), System.Globalization.CultureInfo.InvariantCulture);
        return ServerMemory.Of(server.ProcessId) with { Managed = managed };
    }
}
