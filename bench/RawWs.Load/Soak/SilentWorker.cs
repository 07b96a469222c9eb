using System.Net;

namespace RawWs.Load;

/// <summary>Connects and never speaks, or opens and never reads nor answers pings. The server must end both by its deadlines.</summary>
internal sealed class SilentWorker(IPEndPoint server, bool opens, SoakTally tally) : ISoakWorker
{
    /// <summary>Well beyond 10 s for a handshake; and beyond 20 s until a ping, 20 s for its pong, and 5 s for closing.</summary>
    private static readonly TimeSpan HandshakeDeadline = TimeSpan.FromSeconds(30), KeepAliveDeadline = TimeSpan.FromSeconds(65);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        // Not all at the same moment, so that there are some at any.
        await Task.Delay(Random.Shared.Next(5_000), cancellationToken);
        using var client = opens
            ? await LoadClient.OpenAsync(server, "/echo", cancellationToken: cancellationToken)
            : await LoadClient.ConnectAsync(server, cancellationToken: cancellationToken);
        Interlocked.Increment(ref tally.SilentPeers);

        if (opens)
            await Task.Delay(KeepAliveDeadline, cancellationToken);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(HandshakeDeadline);
        try
        {
            await client.ReadToEndAsync(deadline.Token);
        }
        catch (Exception error) when (NetworkFailure.Is(error))
        {
            // A reset is an end too.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            tally.Failures.Add(opens ? "A peer that never answered a ping was still connected." : "A peer that never spoke was still connected.");
            return;
        }

        Interlocked.Increment(ref tally.SilentPeersEnded);
    }
}
