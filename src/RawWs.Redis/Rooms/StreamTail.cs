using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>
/// Reads a stream as it grows, from where it was first seen. Whoever adds to it says so on a channel, so that no command has to block; what is not heard is found a little later.
/// </summary>
/// <remarks>
/// Each reading begins with the entry that was read last. If that is not there any more, the stream was trimmed beyond it, deleted, made anew, or is that of a replica that had not had it yet when it became the primary:
/// something is missing.
/// </remarks>
internal sealed class StreamTail(IRedisClient redis, string key, Inbox inbox, RedisBackplaneOptions options, BackplaneMetrics metrics, ILogger logger) : RedisSubscriber
{
    /// <summary>The name of the one field that entries have.</summary>
    public const string Field = "p";

    // Before the first entry.
    private const string Beginning = "0-0";

    private const int LongestPage = 128;

    private readonly Wakeup _wakeup = new();
    private readonly LogPace _refusedPace = new(options.TimeProvider);
    private readonly PageLength _page = new(LongestPage, redis is IOrderedRedisClient own ? own.Options.MaxReplySize : int.MaxValue);

    // Where the stream ended when it was first seen: what is up to there was for others. Null until then.
    private string? _begin;

    // Null until the stream has been seen.
    private string? _last;

    // The entry that has this id, as it was read; null if it was not. One that is added to a stream made anew, in the same millisecond, has the same id.
    private RedisStreamEntry? _lastRead;

    // From when the stream has gone back until something is read there.
    private bool _isLossTold;

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
            if (_last is null)
                await BeginAsync(cancellationToken).ConfigureAwait(false);

            while (await TryReadPageAsync(_last!, cancellationToken).ConfigureAwait(false))
            {
                // There is more.
            }
        }
        catch (RedisUnavailableException)
        {
            // It may have been too much at once. It is read again when there is a connection, or a little later.
            _page.Shrink();
        }
        catch (RedisErrorException error)
        {
            // It is tried again a little later: it may be passing.
            if (_refusedPace.TrySay(out var count))
                RedisLog.StreamRefused(logger, key, error.Message, count);
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _begin = await FindNewestAsync(cancellationToken).ConfigureAwait(false);

        // There is no entry by which it is seen that something was trimmed, but none that was for others either.
        if (_begin == Beginning)
            inbox.Begin();

        Volatile.Write(ref _last, _begin);
    }

    /// <returns>Whether there is more.</returns>
    private async Task<bool> TryReadPageAsync(string last, CancellationToken cancellationToken)
    {
        var pageLength = _page.Current;
        var entries = await redis.ReadStreamAsync(key, start: last, count: pageLength + 1, cancellationToken: cancellationToken).ConfigureAwait(false);
        _page.Adapt(entries);

        if (entries.Count == 0)
            return last != Beginning && await GoBackAsync(last, cancellationToken).ConfigureAwait(false);

        var isThere = IsLast(entries[0]);
        if (last != Beginning && !isThere && !_isLossTold)
            inbox.ReportLoss();

        _isLossTold = false;
        foreach (var entry in entries.Skip(isThere ? 1 : 0))
        {
            Take(entry);
            (_last, _lastRead) = (entry.Id, entry);
        }

        return entries.Count > pageLength;
    }

    /// <summary>
    /// The stream ends before what was read: it was deleted, made anew by a clock that is behind, or is that of a replica that had not had everything. What is added now may lie before it, too, so it is read again
    /// from where this node began; what was read before is known by its numbers.
    /// </summary>
    /// <returns>Whether there may be more. Where a stream has an end and nothing up to it, as behind a proxy that asks several servers, it is read again a little later.</returns>
    private async Task<bool> GoBackAsync(string last, CancellationToken cancellationToken)
    {
        var newest = await FindNewestAsync(cancellationToken).ConfigureAwait(false);

        // If it ends before even that, this node begins there: everything in it was for others, or is part of what is missing.
        if (RedisStreamEntry.CompareIds(newest, _begin!) < 0) // It has begun.
            _begin = newest;

        if (!_isLossTold)
            inbox.ReportLoss();

        (_last, _lastRead, _isLossTold) = (_begin, null, true);
        return _begin != last;
    }

    private bool IsLast(RedisStreamEntry entry)
        => entry.Id == _last
            && (_lastRead is not { } read
                || (entry.Fields.Count == read.Fields.Count && entry.Fields.Zip(read.Fields).All(static pair => pair.First.Span.SequenceEqual(pair.Second.Span))));

    private async Task<string> FindNewestAsync(CancellationToken cancellationToken)
        => (await redis.ReadLastOfStreamAsync(key, cancellationToken).ConfigureAwait(false))?.Id ?? Beginning;

    private void Take(RedisStreamEntry entry)
    {
        if (entry.Fields is [var field, var value] && field.Span.SequenceEqual("p"u8))
            inbox.Take(value.Span);
        else
            metrics.Ignored("malformed");
    }
}
