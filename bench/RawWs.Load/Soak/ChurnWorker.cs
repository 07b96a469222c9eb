using System.Net;

namespace RawWs.Load;

/// <summary>Opens, echoes and closes. It behaves: whatever happens to it is a failure.</summary>
internal sealed class ChurnWorker(IPEndPoint server, SoakTally tally) : ISoakWorker
{
    private readonly EchoCycle _cycle = new(server);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _cycle.RunAsync(cancellationToken);
            Interlocked.Increment(ref tally.Cycles);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && (NetworkFailure.Is(error) || error is OperationCanceledException))
        {
            tally.Failures.Add($"A cycle of opening, echoing and closing: {error.Message}");
        }
    }
}
