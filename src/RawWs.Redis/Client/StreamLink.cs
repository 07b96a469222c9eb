using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Client;

/// <summary>
/// Reads one stream as it grows, from where it was first seen, for all who follow it: over a connection of its own, for each command waits in Redis until there is something (<c>XREAD BLOCK</c>). It goes on
/// where it was when the connection had been lost.
/// </summary>
internal sealed class StreamLink : ILinkTenant, IAsyncDisposable
{
    // Before the first entry.
    private const string Beginning = "0-0";

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisOptions _options;
    private readonly ILogger _logger;
    private readonly LogPace _refusedPace;
    private readonly RedisCommand _findLast;
    private readonly IStreamPlace _place;
    private readonly int _readCount;
    private readonly TimeSpan _blockTime;
    private readonly RedisLink _link;
    private Task _reading = Task.CompletedTask;
    private IStreamFollower[] _followers = [];
    private string? _last;
    private bool _isCaughtUp;

    /// <param name="place">Where the stream is.</param>
    /// <param name="options">The client's.</param>
    /// <param name="metrics">The client's.</param>
    /// <param name="logger">The client's.</param>
    /// <param name="readCount">How many entries are read at once, at most.</param>
    /// <param name="blockTime">How long a command waits, at most. It is less where the connection would be taken for dead.</param>
    public StreamLink(IStreamPlace place, RedisOptions options, RedisMetrics metrics, ILogger logger, int readCount, TimeSpan blockTime)
    {
        (_place, _options, _logger, _readCount) = (place, options, logger, readCount);
        _blockTime = TimeSpan.FromTicks(Math.Min(blockTime.Ticks, options.CommandTimeout.Ticks / 2));
        _refusedPace = new LogPace(options.TimeProvider);
        _findLast = new RedisCommand("XREVRANGE", place.Key, "+", "-", "COUNT", 1);
        _link = new RedisLink(options, metrics, logger, this, place.Find);
    }

    /// <inheritdoc/>
    public bool MayAnswerLate => false;

    /// <summary>Whether it is connected.</summary>
    public bool IsConnected => _link.Current is not null;

    /// <summary>Whether nobody follows the stream.</summary>
    public bool IsIdle => Volatile.Read(ref _followers).Length == 0;

    /// <summary>Somebody follows the stream, from where it is read now.</summary>
    public void Add(IStreamFollower follower)
    {
        lock (_gate)
        {
            _followers = [.. _followers, follower];
            if (_isCaughtUp)
                follower.OnCaughtUp(_last!); // Where it has caught up it has a place.
        }
    }

    /// <summary>Somebody does not follow it any more.</summary>
    public void Remove(IStreamFollower follower)
    {
        lock (_gate)
        {
            _followers = [.. _followers.Where(other => other != follower)];
        }
    }

    /// <inheritdoc/>
    public bool TryTake(RespValue value) => value.Type == RespType.Push;

    /// <inheritdoc/>
    public void OnOpened(RedisConnection connection) => _reading = ReadAfterAsync(_reading, connection);

    /// <inheritdoc/>
    public void OnLost()
    {
        lock (_gate)
        {
            _isCaughtUp = false;
            foreach (var follower in _followers)
                follower.OnInterrupted();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _stopping.Dispose();
    }

    // What came over one connection is told before what comes over the next.
    private async Task ReadAfterAsync(Task before, RedisConnection connection)
    {
        await before.ConfigureAwait(false);
        try
        {
            while (true)
            {
                // Whatever goes wrong but for the connection may be passing.
                if (!await TryReadAsync(connection).ConfigureAwait(false))
                    await Task.Delay(RetryInterval, _options.TimeProvider, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is RedisUnavailableException or OperationCanceledException)
        {
            // The connection is lost, or nobody follows the stream any more.
        }
        catch (Exception error)
        {
            // The top of a loop: whatever it was, the connection ends by it, which is logged with the reason, and the next one goes on.
            connection.Abort(error);
        }
    }

    /// <returns>False if Redis refuses.</returns>
    /// <exception cref="IOException">The stream is not where the connection leads.</exception>
    private async Task<bool> TryReadAsync(RedisConnection connection)
    {
        if (_last is null)
        {
            var found = await connection.SendAsync(_findLast, _stopping.Token).ConfigureAwait(false);
            if (IsRefused(found))
                return false;

            _last = RedisStreamEntry.ListOf(found) is [var newest] ? newest.Id : Beginning;
        }

        var reply = await connection.SendAsync(Command(), _stopping.Token).ConfigureAwait(false);
        if (IsRefused(reply))
            return false;

        var entries = RedisStreamEntry.ListOfOne(reply);
        foreach (var entry in entries)
            Tell(entry);

        if (entries.Count == 0 && !_isCaughtUp)
            TellCaughtUp();

        return true;
    }

    // Only behind everything that is there: until then nobody waits.
    private RedisCommand Command() => _isCaughtUp
        ? new("XREAD", "COUNT", _readCount, "BLOCK", Math.Max(1, (long)_blockTime.TotalMilliseconds), "STREAMS", _place.Key, _last!) // It has been found.
        : new("XREAD", "COUNT", _readCount, "STREAMS", _place.Key, _last!); // As above.

    private bool IsRefused(RespValue reply)
    {
        if (reply.Type != RespType.Error)
            return false;

        var error = new RedisErrorException(reply.ToText()!); // An error has a text.
        if (_place.IsElsewhere(error))
            throw new IOException($"The stream is elsewhere: {error.Message}");

        if (_refusedPace.TrySay(out var count))
            RedisLog.StreamRefused(_logger, _place.Key, error.Message, count);

        return true;
    }

    private void Tell(RedisStreamEntry entry)
    {
        IStreamFollower[] followers;
        lock (_gate)
        {
            // Whoever comes now begins behind it.
            _last = entry.Id;
            followers = _followers;
        }

        foreach (var follower in followers)
            follower.OnEntry(entry);
    }

    private void TellCaughtUp()
    {
        lock (_gate)
        {
            _isCaughtUp = true;
            foreach (var follower in _followers)
                follower.OnCaughtUp(_last!); // It has been found.
        }
    }
}
