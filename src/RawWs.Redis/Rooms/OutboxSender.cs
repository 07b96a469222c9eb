using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>
/// Sends what waits in an outbox, in order, many at once without waiting for each. What was not confirmed is sent again, so it may arrive twice, which receivers notice by its number.
/// </summary>
internal sealed class OutboxSender(Outbox outbox, Func<byte[], CancellationToken, ValueTask> sendAsync, Func<CancellationToken, ValueTask>? announceAsync, TimeProvider time, BackplaneMetrics metrics, ILogger logger)
{
    private const int BatchSize = 128;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Wakeup _wakeup = new();
    private readonly LogPace _refusedPace = new(time);

    /// <summary>Something waits.</summary>
    public void Wake() => _wakeup.Set();

    /// <summary>Sends until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _wakeup.WaitAsync(cancellationToken).ConfigureAwait(false);
            while (outbox.Peek(BatchSize) is { Length: > 0 } batch)
            {
                if (!await TrySendAsync(batch, cancellationToken).ConfigureAwait(false))
                    await Task.Delay(RetryInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <returns><see langword="false"/> if the rest has to be tried again.</returns>
    private async Task<bool> TrySendAsync(byte[][] batch, CancellationToken cancellationToken)
    {
        var sending = new List<Task>(batch.Length + 1);
        foreach (var written in batch)
            sending.Add(sendAsync(written, cancellationToken).AsTask());

        if (announceAsync is not null)
            sending.Add(announceAsync(cancellationToken).AsTask());

        var isWhole = true;
        foreach (var sent in sending.Take(batch.Length))
        {
            isWhole = await TryConfirmAsync(sent).ConfigureAwait(false);
            if (!isWhole)
                break;
        }

        // Whatever has become of the others: they are tried again, or only announce what lies there anyway.
        await Task.WhenAll(sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return isWhole;
    }

    private async Task<bool> TryConfirmAsync(Task sent)
    {
        try
        {
            await sent.ConfigureAwait(false);
            outbox.RemoveFirst(wasSent: true);
            metrics.Published();
            return true;
        }
        catch (RedisErrorException error) when (!IsPassing(error.Code))
        {
            outbox.RemoveFirst(wasSent: false);
            metrics.Dropped("refused");
            if (_refusedPace.TrySay(out var count))
                RedisLog.PublicationRefused(logger, error.Message, count);

            return true;
        }
        catch (Exception error) when (error is RedisErrorException or RedisUnavailableException)
        {
            return false;
        }
    }

    // What Redis says while it starts, is full, or changes its part in a cluster.
    private static bool IsPassing(string code) => code is "LOADING" or "BUSY" or "TRYAGAIN" or "OOM" or "MISCONF" or "READONLY" or "MASTERDOWN" or "CLUSTERDOWN" or "NOREPLICAS";
}
