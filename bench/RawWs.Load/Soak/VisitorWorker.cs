using System.Net;

namespace RawWs.Load;

/// <summary>A well-behaved member that comes and goes.</summary>
internal sealed class VisitorWorker(IPEndPoint server, SoakRoom room, SoakTally tally) : ISoakWorker
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(30);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var listener = new RoomListener(room, tally);
        using var client = await listener.VisitAsync(server, cancellationToken);
        using (var stay = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            stay.CancelAfter(Random.Shared.Next(5_000));
            await listener.ListenAsync(client, stay.Token);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(CloseTimeout);
        await client.CloseAsync(deadline.Token);
        Interlocked.Increment(ref tally.Visits);
    }
}
