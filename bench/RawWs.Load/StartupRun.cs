using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace RawWs.Load;

/// <summary>Starts servers in turn, A B A B, and measures how long each takes from the start of its process to the answer of a first opening handshake.</summary>
/// <param name="servers">Their names, and how they are started.</param>
/// <param name="path">What is asked for.</param>
internal sealed class StartupRun(IReadOnlyList<(string Name, ServerStart Start)> servers, string path)
{
    // A client that asks more often takes from the server what it starts with.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2), Timeout = TimeSpan.FromSeconds(30);

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(int runs, CancellationToken cancellationToken)
    {
        var times = servers.Select(_ => new List<double>()).ToArray();
        for (var run = 0; run <= runs; run++)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                var time = await StartOnceAsync(servers[i].Start, cancellationToken);

                // The first brings the files into memory.
                if (run > 0)
                    times[i].Add(time.TotalMilliseconds);
            }
        }

        Report.Table([.. servers.Select((server, i) => (server.Name, Summary([.. times[i].Order()])))]);
        return 0;
    }

    private static string Summary(double[] times)
        => string.Create(CultureInfo.InvariantCulture, $"median {times[times.Length / 2]:F0} ms, {times[0]:F0} to {times[^1]:F0} ms");

    private async Task<TimeSpan> StartOnceAsync(ServerStart start, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        var endPoint = new IPEndPoint(IPAddress.Loopback, TargetServer.FreePort());
        var info = start.InfoFor(endPoint.Port);

        var clock = Stopwatch.StartNew();
        using var process = Process.Start(info)!; // Null only for a process that is reused, through a shell.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            while (true)
            {
                try
                {
                    using var client = await LoadClient.OpenAsync(endPoint, path, cancellationToken: deadline.Token);
                    return clock.Elapsed;
                }
                catch (Exception error) when (NetworkFailure.Is(error) && !process.HasExited)
                {
                    await Task.Delay(Pause, deadline.Token);
                }
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
