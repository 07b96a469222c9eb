using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace RawWs.Load;

/// <summary>Starts servers in turn, A B A B, and measures how long each takes from the start of its process to the answer of a first opening handshake.</summary>
/// <param name="servers">Their names, and how they are started.</param>
/// <param name="path">What is asked for.</param>
/// <param name="timeout">How long each may take to answer, 30 s if that is not said.</param>
internal sealed class StartupRun(IReadOnlyList<(string Name, ServerStart Start)> servers, string path, TimeSpan? timeout = null)
{
    // A client that asks more often takes from the server what it starts with.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly TimeSpan _timeout = timeout ?? TimeSpan.FromSeconds(30);

    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidOperationException">A server has ended, or has not answered.</exception>
    public async Task<int> RunAsync(int runs, CancellationToken cancellationToken)
    {
        var times = servers.Select(_ => new List<double>()).ToArray();
        for (var run = 0; run <= runs; run++)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                var time = await StartOnceAsync(servers[i].Name, servers[i].Start, cancellationToken);

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

    private async Task<TimeSpan> StartOnceAsync(string name, ServerStart start, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_timeout);
        var endPoint = new IPEndPoint(IPAddress.Loopback, TargetServer.FreePort());
        var info = start.InfoFor(endPoint.Port);

        var clock = Stopwatch.StartNew();
        using var process = Process.Start(info)!; // Null only for a process that is reused, through a shell.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var last = "";
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
                    last = error.Message;
                    await Task.Delay(Pause, deadline.Token);
                }
            }
        }
        catch (Exception error) when (NetworkFailure.Is(error))
        {
            throw new InvalidOperationException($"'{name}' ended with {process.ExitCode} instead of answering; try it by itself, with {endPoint.Port} for {ServerStart.PortPlace}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"'{name}' has not opened a WebSocket at ws://{endPoint}{path} for {_timeout.TotalSeconds} s; does it listen there, and serve that path? The last failure was: {last}");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
