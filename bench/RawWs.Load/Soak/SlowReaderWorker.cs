using System.Net;

namespace RawWs.Load;

/// <summary>Joins /broadcast and reads nothing, or a byte at a time.</summary>
internal sealed class SlowReaderWorker(IPEndPoint server, bool reads, SoakTally tally) : ISoakWorker
{
    private const int KernelBufferSize = 4 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20), MaxStay = TimeSpan.FromSeconds(40);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        using var client = await LoadClient.OpenAsync(server, "/broadcast", 32 * 1024, KernelBufferSize, cancellationToken);
        Interlocked.Increment(ref tally.SlowReaders);
        using var stay = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stay.CancelAfter(MaxStay);
        try
        {
            if (!reads)
                await Task.Delay(MaxStay, stay.Token);

            while (await client.ReadBytesAsync(1, stay.Token))
                await Task.Delay(Interval, stay.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await LeaveAsync(client, cancellationToken);
            return;
        }
        catch (Exception error) when (NetworkFailure.Is(error))
        {
            // The server had enough.
        }

        Interlocked.Increment(ref tally.SlowReadersEnded);
    }

    // Whoever did not read cannot know how it stands: what is read now comes to an end if the server has closed.
    private async Task LeaveAsync(LoadClient client, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            await client.ReadToEndAsync(deadline.Token);
            Interlocked.Increment(ref tally.SlowReadersEnded);
        }
        catch (Exception error) when (NetworkFailure.Is(error))
        {
            Interlocked.Increment(ref tally.SlowReadersEnded);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            client.Reset();
        }
    }
}
