using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Echoes over TLS, and connections over TLS that do nothing. The generator is .NET's own TLS: slower than the server, which does not matter per CPU-second.</summary>
internal static class TlsLoad
{
    private const int MaxOpeningCount = 64;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static async Task<int> EchoAsync(Uri url, int count, int size, TimeSpan duration, int process, CancellationToken cancellationToken)
    {
        var connections = await OpenAsync(url, count, size, cancellationToken);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var echoCount = 0L;
        var loops = connections.Select(connection => Task.Run(() => LoopAsync(connection), CancellationToken.None)).ToList();

        await Task.Delay(WarmUp, cancellationToken);
        var (before, cpuBefore, clock) = (Interlocked.Read(ref echoCount), ServerCpu.Of(process), Stopwatch.StartNew());
        await Task.Delay(duration, cancellationToken);
        var (echoes, cpu, elapsed) = (Interlocked.Read(ref echoCount) - before, ServerCpu.Of(process) - cpuBefore, clock.Elapsed);

        await stopping.CancelAsync();
        await Task.WhenAll(loops);
        connections.ForEach(connection => connection.Dispose());
        Report.Table(("connections, bytes", $"{count}, {size}"), ("echoes per second", Report.PerSecond(echoes, elapsed)), ("echoes per CPU-second of the server", Report.PerSecond(echoes, cpu)));
        return echoes > 0 ? 0 : 1;

        async Task LoopAsync(TlsEchoConnection connection)
        {
            try
            {
                while (!stopping.IsCancellationRequested)
                {
                    await connection.EchoAsync(stopping.Token);
                    Interlocked.Increment(ref echoCount);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The time is up.
            }
        }
    }

    public static async Task<int> IdleAsync(Uri url, int count, int size, TimeSpan rest, int process, CancellationToken cancellationToken)
    {
        // What a server needs for the first connections and not for each.
        foreach (var connection in await OpenAsync(url, 200, size, cancellationToken))
        {
            await connection.EchoAsync(cancellationToken);
            connection.Dispose();
        }

        await Task.Delay(rest, cancellationToken);
        var (before, cpuBefore) = (ServerMemory.Of(process), ServerCpu.Of(process));
        var connections = await OpenAsync(url, count, size, cancellationToken);
        var cpu = ServerCpu.Of(process) - cpuBefore;
        foreach (var connection in connections)
            await connection.EchoAsync(cancellationToken);

        await Task.Delay(rest, cancellationToken);
        var each = ServerMemory.Of(process).PerConnection(before, count);
        connections.ForEach(connection => connection.Dispose());
        Report.Table(("connections", Report.Count(count)), ("handshakes per CPU-second of the server", Report.PerSecond(count, cpu)), ("resident bytes of the server for each", Report.Count(each.Resident)));
        return 0;
    }

    private static async Task<List<TlsEchoConnection>> OpenAsync(Uri url, int count, int size, CancellationToken cancellationToken)
    {
        var connections = new List<TlsEchoConnection>();
        while (connections.Count < count)
        {
            var batch = Math.Min(MaxOpeningCount, count - connections.Count);
            connections.AddRange(await Task.WhenAll(Enumerable.Range(0, batch).Select(_ => TlsEchoConnection.OpenAsync(url, size, cancellationToken))));
        }

        return connections;
    }
}
