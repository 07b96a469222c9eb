using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace RawWs.Load;

/// <summary>Numbers of connections, one after the other, each with a new server.</summary>
/// <param name="tcp">What measures over TCP.</param>
internal sealed class Scale(TcpScale tcp)
{
    /// <summary>Measures all, and says each as it comes. One that fails is said and left out.</summary>
    /// <returns>What was measured, and how many failed.</returns>
    public async Task<(IReadOnlyList<ScaleRow> Rows, int FailureCount)> RunAsync(
        IReadOnlyList<string> transports, IReadOnlyList<int> tcpCounts, IReadOnlyList<int> inMemoryCounts, CancellationToken cancellationToken)
    {
        var rows = new List<ScaleRow>();
        var failureCount = 0;
        foreach (var transport in transports)
        {
            foreach (var count in transport == "memory" ? inMemoryCounts : tcpCounts)
            {
                try
                {
                    Console.WriteLine($"{transport}: {Report.Count(count)} connections …");
                    rows.Add(transport == "memory" ? await InMemoryAsync(count, cancellationToken) : await tcp.MeasureAsync(transport, count, cancellationToken));
                }
                catch (Exception error) when (error is IOException or SocketException or InvalidOperationException or ArgumentException)
                {
                    failureCount++;
                    Console.WriteLine($"FAILED: {transport}, {Report.Count(count)} connections: {error.Message}");
                }
            }
        }

        return (rows, failureCount);
    }

    /// <summary>In a process of its own: what an earlier one held would be there for the next to use.</summary>
    private static async Task<ScaleRow> InMemoryAsync(int count, CancellationToken cancellationToken)
    {
        var start = ServerStart.OfDotNet(typeof(Scale).Assembly.Location, "in-memory", "--connections", $"{count}").InfoFor(port: 0);
        using var process = Process.Start(start)!; // Null only for a process that is reused, through a shell.
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 && JsonSerializer.Deserialize<ScaleRow>(await output) is { } row
            ? row
            : throw new IOException((await error).Trim());
    }
}
