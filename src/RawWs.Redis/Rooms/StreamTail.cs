using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>
/// Reads a stream as it grows, from where it was first seen. Whoever adds to it says so on a channel, so that no command has to block; what is not heard is found a little later.
/// </summary>
/// <remarks>
/// Each reading begins with the entry that was read last. If that is not there any more, the stream was trimmed beyond it, deleted, or made anew: something is missing.
/// </remarks>
internal sealed class StreamTail(IRedisClient redis, string key, Inbox inbox, RedisBackplaneOptions options, BackplaneMetrics metrics, ILogger logger) : RedisSubscriber
{
    /// <summary>The name of the one field that entries have.</summary>
    public const string Field = "p";

    // Before the first entry.
    private const string Beginning = "0-0";

    private const int LongestPage = 128;
    private const long SmallPageSize = 1 << 20, LargePageSize = 8 << 20;

    private readonly Wakeup _wakeup = new();
    private readonly LogPace _refusedPace = new(options.TimeProvider);

    // Null until the stream has been seen.
    private string? _last;
    private int _pageLength = LongestPage;

    /// <summary>Whether it has found its place in the stream: what is added from then on is read.</summary>
    public bool HasBegun => Volatile.Read(ref _last) is not null;

    /// <inheritdoc/>
    public override void OnConfirmed() => _wakeup.Set();

    /// <inheritdoc/>
    public override void OnMessage(RedisMessage message) => _wakeup.Set();

    /// <summary>Reads until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await TryReadAsync(cancellationToken).ConfigureAwait(false);
            await _wakeup.WaitAsync(options.PollInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _last ??= (await redis.ReadLastOfStreamAsync(key, cancellationToken).ConfigureAwait(false))?.Id ?? Beginning;
            while (await TryReadPageAsync(_last, cancellationToken).ConfigureAwait(false))
            {
                // There is more.
            }
        }
        catch (RedisUnavailableException)
        {
            // It may have been too much at once. It is read again when there is a connection, or a little later.
            _pageLength = 1;
        }
        catch (RedisErrorException error)
        {
            // It is tried again a little later: it may be passing.
            if (_refusedPace.TrySay(out var count))
                RedisLog.StreamRefused(logger, key, error.Message, count);
        }
    }

    /// <returns>Whether there is more.</returns>
    private async Task<bool> TryReadPageAsync(string last, CancellationToken cancellationToken)
    {
        var pageLength = _pageLength;
        var entries = await redis.ReadStreamAsync(key, start: last, count: pageLength + 1, cancellationToken: cancellationToken).ConfigureAwait(false);
        AdaptPage(entries);

        var isThere = entries is [var first, ..] && first.Id == last;
        if (last != Beginning && !isThere)
            inbox.ReportLoss();

        if (entries.Count == 0)
        {
            // It was deleted, or made anew by a clock that is behind: from its beginning then. What was read before is known by its numbers.
            _last = Beginning;
            return last != Beginning;
        }

        foreach (var entry in entries.Skip(isThere ? 1 : 0))
        {
            Take(entry);
            _last = entry.Id;
        }

        return entries.Count > pageLength;
    }

    // An answer is to be of a size that Redis, and this node, can do with.
    private void AdaptPage(IReadOnlyList<RedisStreamEntry> entries)
    {
        var size = entries.Sum(static entry => entry.Fields.Sum(static field => (long)field.Length));
        if (size < SmallPageSize)
            _pageLength = Math.Min(LongestPage, 2 * _pageLength);
        else if (size > LargePageSize)
            _pageLength = Math.Max(1, _pageLength / 2);
    }

    private void Take(RedisStreamEntry entry)
    {
        if (entry.Fields is [var field, var value] && field.Span.SequenceEqual("p"u8))
            inbox.Take(value.Span);
        else
            metrics.Ignored("malformed");
    }
}
