using System.Net;

namespace RawWs.Load;

/// <summary>Now and then very many come at once, and leave at once.</summary>
internal sealed class BurstWorker(IPEndPoint server, int count, SoakTally tally) : ISoakWorker
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2), After = TimeSpan.FromSeconds(8);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Before, cancellationToken);
        using var burst = new Burst(server, count, tally.Failures);
        await burst.OpenAsync(cancellationToken);
        await burst.EchoAsync(cancellationToken);
        await burst.LeaveAsync(cancellationToken);
        Interlocked.Increment(ref tally.Bursts);
        await Task.Delay(After, cancellationToken);
    }
}
