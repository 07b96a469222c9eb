using System.Net;

namespace RawWs.Load;

/// <summary>Sends the smallest things there are, as fast as they are taken. The server may close with 1008.</summary>
internal sealed class FloodWorker(IPEndPoint server, FloodKind kind, SoakTally tally) : ISoakWorker
{
    private const int PolicyViolation = 1008;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3), Pause = TimeSpan.FromSeconds(1);

    private readonly byte[] _flood = ClientFrames.Many(
        kind switch
        {
            FloodKind.Pings => ClientFrames.Of(ClientFrames.Ping, [1]),
            FloodKind.Pongs => ClientFrames.Of(ClientFrames.Pong, []),
            FloodKind.EmptyFrames => ClientFrames.Of(ClientFrames.Continuation, [], fin: false),
            _ => ClientFrames.Of(ClientFrames.Text, [(byte)'x']),
        },
        size: 16 * 1024);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        using var client = await LoadClient.OpenAsync(server, "/echo", 64 * 1024, cancellationToken: cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(Length);
        Interlocked.Increment(ref tally.Floods);

        if (kind == FloodKind.EmptyFrames)
            await client.SendAsync(ClientFrames.Of(ClientFrames.Text, [], fin: false), end.Token);

        var reading = kind == FloodKind.UnreadMessages ? Task.CompletedTask : ReadAsync(client, end);
        await SendAsync(client, end.Token);
        await reading;
        client.Reset();
        await Task.Delay(Pause, cancellationToken);
    }

    private async Task SendAsync(LoadClient client, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await client.SendAsync(_flood, cancellationToken);
                Interlocked.Add(ref tally.FloodBytes, _flood.Length);
            }
        }
        catch (Exception error) when (NetworkFailure.Is(error) || error is OperationCanceledException)
        {
            // It had enough of us, or the time is up.
        }
    }

    private async Task ReadAsync(LoadClient client, CancellationTokenSource end)
    {
        try
        {
            while (await client.ReadFrameAsync(end.Token))
            {
                if (client.Opcode != ClientFrames.Close)
                    continue;

                if (client.CloseCode == PolicyViolation)
                    Interlocked.Increment(ref tally.FloodsClosed);

                // One kind goes on all the same: what nobody listens to costs something too.
                if (kind != FloodKind.Pongs)
                    await end.CancelAsync();
            }
        }
        catch (Exception error) when (NetworkFailure.Is(error) || error is OperationCanceledException)
        {
            // It had enough of us, or the time is up.
        }
    }
}
