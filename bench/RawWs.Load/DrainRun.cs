using System.Collections.Concurrent;
using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Tells a server with many connections to stop, and looks at how everybody is sent away.</summary>
internal sealed class DrainRun(TargetServer server, int connections)
{
    private const int GoingAway = 1001;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly Failures _failures = new();
    private readonly ConcurrentBag<TimeSpan> _closes = [];
    private readonly Stopwatch _clock = new();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var crowd = new Burst(server.EndPoint, connections, _failures);
        await crowd.OpenAsync(cancellationToken);
        var opened = crowd.OpenCount;
        Console.WriteLine($"{Report.Count(opened)} connections are open, server: {server.Measure()}");

        deadline.CancelAfter(Timeout);
        var partings = crowd.Clients.Select(client => PartAsync(client, deadline.Token)).ToList();
        _clock.Start();
        await server.TerminateAsync(deadline.Token);
        await server.WaitForEndAsync(deadline.Token);
        var gone = _clock.Elapsed;
        await Task.WhenAll(partings);

        var times = _closes.Order().ToList();
        Report.Table(
            ("close frames with 1001", $"{Report.Count(times.Count)} of {Report.Count(opened)}"),
            ("the first, half of them, the last after", times.Count == 0 ? "-" : $"{Report.Seconds(times[0])}, {Report.Seconds(times[times.Count / 2])}, {Report.Seconds(times[^1])}"),
            ("the process was gone after", $"{Report.Seconds(gone)}, exit code {server.ExitCode}"));

        if (server.ExitCode != 0)
            _failures.Add($"The server ended with exit code {server.ExitCode}.");
        return Report.Verdict(_failures.Lines, server);
    }

    private async Task PartAsync(LoadClient client, CancellationToken cancellationToken)
    {
        try
        {
            if (!await client.ReadFrameAsync(cancellationToken) || client.Opcode != ClientFrames.Close || client.CloseCode != GoingAway)
            {
                _failures.Add("A connection ended without a close frame with 1001.");
                return;
            }

            _closes.Add(_clock.Elapsed);
            await client.SendAsync(ClientFrames.CloseOf(GoingAway), cancellationToken);
            await client.ReadToEndAsync(cancellationToken);

            // RFC 6455 §7.1.1: the server closes TCP first; it then waits for our end.
            client.Dispose();
        }
        catch (Exception error) when (NetworkFailure.Is(error) || error is OperationCanceledException)
        {
            _failures.Add($"A connection was not sent away in order: {error.Message}");
        }
    }
}
