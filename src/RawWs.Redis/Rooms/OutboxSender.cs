using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>
/// Sends what waits in an outbox, in order. What was not confirmed is sent again, so it may arrive twice, which receivers notice by its number; but it must not arrive behind what follows it, so what is sent together
/// goes over one connection.
/// </summary>
/// <param name="outbox">What waits.</param>
/// <param name="redis">The client.</param>
/// <param name="commandOf">The command that sends one.</param>
/// <param name="announcement">What follows a batch, whose answer matters to nobody; null for nothing.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">What is counted.</param>
/// <param name="logger">What is logged.</param>
internal sealed class OutboxSender(Outbox outbox, IRedisClient redis, Func<byte[], RedisCommand> commandOf, RedisCommand? announcement, TimeProvider time, BackplaneMetrics metrics, ILogger logger)
{
    private const int BatchCount = 128, BatchSize = 1 << 20;
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
            while (outbox.Peek(BatchCount, BatchSize) is { Length: > 0 } batch)
            {
                if (!await TrySendAsync(batch, cancellationToken).ConfigureAwait(false))
                    await Task.Delay(RetryInterval, time, cancellationToken).ConfigureAwait(false);
            }

            await _wakeup.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns><see langword="false"/> if the rest has to be tried again.</returns>
    private async Task<bool> TrySendAsync(byte[][] batch, CancellationToken cancellationToken)
    {
        // Of another client nobody knows when it changes its connection: there each waits for the one before.
        var isWhole = redis is IOrderedRedisClient own
            ? await TrySendTogetherAsync(own, batch, cancellationToken).ConfigureAwait(false)
            : await TrySendSinglyAsync(batch, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return isWhole;
    }

    private async Task<bool> TrySendTogetherAsync(IOrderedRedisClient client, byte[][] batch, CancellationToken cancellationToken)
    {
        RedisCommand[] commands = [.. batch.Select(commandOf), .. announcement is null ? [] : (RedisCommand[])[announcement]];
        Task<RespValue>[] sent;
        try
        {
            sent = client.ExecuteTogether(commands, cancellationToken);
        }
        catch (RedisUnavailableException)
        {
            return false;
        }

        var isWhole = true;
        for (var place = 0; isWhole && place < batch.Length; place++)
            isWhole = await TryConfirmAsync(sent[place]).ConfigureAwait(false);

        // Those behind one that was lost are lost as well: they went the same way.
        await Task.WhenAll((IEnumerable<Task>)sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return isWhole;
    }

    private async Task<bool> TrySendSinglyAsync(byte[][] batch, CancellationToken cancellationToken)
    {
        foreach (var written in batch)
        {
            if (!await TryConfirmAsync(redis.ExecuteAsync(commandOf(written), cancellationToken).AsTask()).ConfigureAwait(false))
                return false;
        }

        if (announcement is not null)
            await ((Task)redis.ExecuteAsync(announcement, cancellationToken).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        return true;
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
        catch (RedisErrorException error) when (!error.IsPassing)
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
}
