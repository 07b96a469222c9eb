using System.Net;

namespace RawWs.Load;

/// <summary>Drops connections with a reset, at one stage after the other.</summary>
internal sealed class ResetWorker(IPEndPoint server, SoakTally tally) : ISoakWorker
{
    private const int StageCount = 7;
    private static readonly byte[] Frame = ClientFrames.Of(ClientFrames.Binary, new byte[1_000]);
    private static readonly byte[] Messages = ClientFrames.Many(Frame, 100_000);
    private static readonly byte[] Close = ClientFrames.CloseOf(1000);

    private int _stage;

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var stage = _stage++ % StageCount;
        using var client = stage < 2
            ? await LoadClient.ConnectAsync(server, cancellationToken: cancellationToken)
            : await LoadClient.OpenAsync(server, stage == 6 ? "/broadcast" : "/echo", 32 * 1024, cancellationToken: cancellationToken);

        await ActAsync(client, stage, cancellationToken);
        client.Reset();
        Interlocked.Increment(ref tally.Resets);
    }

    private async ValueTask ActAsync(LoadClient client, int stage, CancellationToken cancellationToken)
    {
        switch (stage)
        {
            case 0: // Before the request.
            case 2: // After the 101.
                break;
            case 1: // In the middle of the head.
                await client.SendAsync(UpgradeRequests.Of(server, "/echo").AsMemory(0, 70), cancellationToken);
                break;
            case 3: // In the middle of a frame.
                await client.SendAsync(Frame.AsMemory(0, 300), cancellationToken);
                break;
            case 4: // In the closing handshake.
                await client.SendAsync(Close, cancellationToken);
                break;
            case 5: // While echoes are on their way.
                await client.SendAsync(Messages, cancellationToken);
                break;
            default: // In the middle of a broadcast.
                await client.ReadFrameAsync(cancellationToken);
                break;
        }
    }
}
