using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Rooms;

/// <summary>
/// Sends what waits in an outbox, in order. What was not confirmed is sent again, so it may arrive twice, which receivers notice by its number; but it must not arrive behind what follows it, so what is sent together
/// goes over one connection. What is sent together is less when it is more than may be unanswered.
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
    private const int MaxBatchCount = 128, BatchSize = 1 << 20;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Wakeup _wakeup = new();
    private readonly LogPace _refusedPace = new(time);
    private readonly LogPace _tooLargePace = new(time);
    private int _batchCount = MaxBatchCount;

    /// <summary>Something waits.</summary>
    public void Wake() => _wakeup.Set();

    /// <summary>Sends until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (outbox.Peek(_batchCount, BatchSize) is { Length: > 0 } batch)
            {
                if (!await TrySendAsync(batch, cancellationToken).ConfigureAwait(false))
                    await Task.Delay(RetryInterval, time, cancellationToken).ConfigureAwait(false);
            }

            await _wakeup.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns><see langword="false"/> if the rest has to be tried again a little later.</returns>
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
        RedisCommand[] commands = [.. batch.Select(commandOf)];
        if (TryExecute(client, commands, cancellationToken) is not { } sent)
        {
            // There is no connection, or it has too much to do: less of it may be taken at once.
            _batchCount = Math.Max(1, batch.Length / 2);
            return batch.Length > 1 || TryDropTooLarge(client, commands[0]);
        }

        _batchCount = Math.Min(MaxBatchCount, 2 * _batchCount);
        RedisCommand[] announcements = announcement is null ? [] : [announcement];
        var announced = TryExecute(client, announcements, cancellationToken);
        var isWhole = true;
        for (var place = 0; isWhole && place < batch.Length; place++)
            isWhole = await TryConfirmAsync(sent[place]).ConfigureAwait(false);

        // Those behind one that was lost are lost as well: they went the same way.
        await Task.WhenAll((IEnumerable<Task>)sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Beside the batch there may have been no room for it.
        announced ??= TryExecute(client, announcements, cancellationToken) ?? [];
        await Task.WhenAll((IEnumerable<Task>)announced).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return isWhole;
    }

    /// <returns>Null if none of them is sent.</returns>
    private static Task<RespValue>[]? TryExecute(IOrderedRedisClient client, RedisCommand[] commands, CancellationToken cancellationToken)
    {
        try
        {
            return commands.Length == 0 ? [] : client.ExecuteTogether(commands, cancellationToken);
        }
        catch (RedisUnavailableException)
        {
            return null;
        }
    }

    // What never fits is not waited for: it is missing where it was, as what is too large for a broadcast.
    private bool TryDropTooLarge(IOrderedRedisClient client, RedisCommand command)
    {
        var (size, maxSize) = (RespWriter.MaxLengthOf(command), client.Options.MaxPendingSize);
        if (size <= maxSize)
            return false;

        outbox.RemoveFirst(wasSent: false);
        metrics.Dropped("size");
        if (_tooLargePace.TrySay(out var count))
            RedisLog.PublicationTooLarge(logger, (int)Math.Min(size, int.MaxValue), maxSize, count);

        return true;
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
