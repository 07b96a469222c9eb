using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Client;

/// <summary>
/// Reads one stream as it grows, from where it was first seen, for all who follow it: over a connection of its own, for each command waits in Redis until there is something (<c>XREAD BLOCK</c>). It goes on
/// where it was when the connection had been lost; and where it last was if the stream has gone back, as that of a replica has that had not had everything when it became the primary.
/// </summary>
internal sealed class StreamLink : ILinkTenant, IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisOptions _options;
    private readonly ILogger _logger;
    private readonly LogPace _refusedPace;
    private readonly RedisCommand _findLast;
    private readonly IStreamSource _source;
    private readonly PageLength _page;
    private readonly TimeSpan _blockTime;
    private readonly RedisLink _link;
    private readonly StreamPlace _place = new();
    private Task _reading = Task.CompletedTask;
    private IStreamFollower[] _followers = [];
    private RedisConnection? _connection;
    private bool _isPlaceThere;
    private bool _isCaughtUp;

    /// <param name="source">Where the stream is.</param>
    /// <param name="options">The client's.</param>
    /// <param name="metrics">The client's.</param>
    /// <param name="logger">The client's.</param>
    /// <param name="replicas">The client's.</param>
    /// <param name="readCount">How many entries are read at once, at most.</param>
    /// <param name="blockTime">How long a command waits, at most. It is less where the connection would be taken for dead.</param>
    public StreamLink(IStreamSource source, RedisOptions options, RedisMetrics metrics, ILogger logger, ReplicaNotice replicas, int readCount, TimeSpan blockTime)
    {
        (_source, _options, _logger, _page) = (source, options, logger, new PageLength(readCount, options.MaxReplySize));
        _blockTime = TimeSpan.FromTicks(Math.Min(blockTime.Ticks, options.CommandTimeout.Ticks / 2));
        _refusedPace = new LogPace(options.TimeProvider);
        _findLast = new RedisCommand("XREVRANGE", source.Key, "+", "-", "COUNT", 1);
        _link = new RedisLink(options, metrics, logger, replicas, this, source.Find);
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
                follower.OnCaughtUp(_place.Last!); // Where it has caught up it has a place.
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
    public void OnOpened(RedisConnection connection)
    {
        lock (_gate)
        {
            _connection = connection;
        }

        _reading = ReadAfterAsync(_reading, connection);
    }

    /// <inheritdoc/>
    public void OnLost()
    {
        lock (_gate)
        {
            (_connection, _isCaughtUp) = (null, false);
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
        _isPlaceThere = false;
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

    /// <returns>False if it has to be tried again a little later.</returns>
    /// <exception cref="IOException">The stream is not where the connection leads.</exception>
    private async Task<bool> TryReadAsync(RedisConnection connection)
    {
        if (_place.Last is null)
        {
            if (await TryFindNewestAsync(connection).ConfigureAwait(false) is not { } begin)
                return false;

            _place.Begin(begin);
            _isPlaceThere = true;
        }

        // Another connection may lead to another server, which has not had everything.
        if (!_isPlaceThere)
            return _isPlaceThere = await TryFindPlaceAsync(connection).ConfigureAwait(false);

        // Where it waits it is lost for other reasons than that it was too much.
        var isCaughtUp = _isCaughtUp;
        var reply = isCaughtUp
            ? await connection.SendAsync(Command(isCaughtUp), _stopping.Token).ConfigureAwait(false)
            : await SendForPageAsync(connection, Command(isCaughtUp)).ConfigureAwait(false);

        // Somebody has asked Redis to let it wait no longer: nothing has come so far.
        var isUnblocked = PrimaryCheck.IsUnblocked(reply);
        if (!isUnblocked && IsRefused(reply))
        {
            TellInterrupted(connection);
            return false;
        }

        var entries = isUnblocked ? [] : RedisStreamEntry.ListOfOne(reply);
        foreach (var entry in entries)
            Tell(entry);

        _page.Adapt(entries);

        return entries.Count > 0 || await TryCatchUpAsync(connection).ConfigureAwait(false);
    }

    /// <summary>There is nothing behind the place: because everything has been read, or the stream has gone back.</summary>
    /// <returns>False if it has to be tried again a little later.</returns>
    private async Task<bool> TryCatchUpAsync(RedisConnection connection)
    {
        if (await TryFindNewestAsync(connection).ConfigureAwait(false) is not { } newest)
            return false;

        if (_place.IsBeyond(newest))
        {
            // The place may be there all the same, as behind a proxy that asks several servers: then nothing is gained by asking at once.
            var before = _place.Last;
            return await TryGoBackAsync(connection).ConfigureAwait(false) && _place.Last != before;
        }

        if (!_isCaughtUp)
            TellCaughtUp(connection);

        return true;
    }

    /// <returns>False if Redis refuses.</returns>
    private async Task<bool> TryFindPlaceAsync(RedisConnection connection)
    {
        if (_place.Last == StreamPlace.Beginning)
            return true;

        var found = await connection.SendAsync(new RedisCommand("XRANGE", _source.Key, _place.Last!, _place.Last!), _stopping.Token).ConfigureAwait(false); // It has begun.
        if (IsRefused(found))
            return false;

        return RedisStreamEntry.ListOf(found).Count > 0 || await TryGoBackAsync(connection).ConfigureAwait(false);
    }

    /// <summary>
    /// Looks for the last entry that is known: what lies behind it was added since. So little is read at once as of anything else, for entries may be large; and no more on the way, for whoever loses the connection
    /// here begins again.
    /// </summary>
    /// <returns>False if Redis refuses.</returns>
    private async Task<bool> TryGoBackAsync(RedisConnection connection)
    {
        var (newest, end) = (StreamPlace.Beginning, "+");
        var count = _page.Current;
        for (var seen = 0; seen < StreamPlace.MaxKnownCount; seen += count)
        {
            var reply = await SendForPageAsync(connection, new RedisCommand("XREVRANGE", _source.Key, end, "-", "COUNT", count)).ConfigureAwait(false);
            if (IsRefused(reply))
                return false;

            var entries = RedisStreamEntry.ListOf(reply);
            var known = entries.FirstOrDefault(entry => _place.IsKnown(entry.Id)).Id;
            if (known is not null || entries.Count < count)
            {
                TellGoneBack(known ?? StreamPlace.Beginning);
                return true;
            }

            newest = seen == 0 ? entries[0].Id : newest;
            end = $"({entries[^1].Id}";
        }

        // So much is there that nobody knows which of it is new, but what has a larger id, as after a long time in which the stream was trimmed.
        TellGoneBack(_place.IsBeyond(newest) ? newest : _place.Last!); // It has begun.
        return true;
    }

    /// <returns>The id of the last entry; null if Redis refuses.</returns>
    private async Task<string?> TryFindNewestAsync(RedisConnection connection)
    {
        var found = await connection.SendAsync(_findLast, _stopping.Token).ConfigureAwait(false);
        if (IsRefused(found))
            return null;

        return RedisStreamEntry.ListOf(found) is [var newest] ? newest.Id : StreamPlace.Beginning;
    }

    // It waits only behind everything that is there.
    private RedisCommand Command(bool isCaughtUp) => isCaughtUp
        ? new("XREAD", "COUNT", _page.Current, "BLOCK", Math.Max(1, (long)_blockTime.TotalMilliseconds), "STREAMS", _source.Key, _place.Last!) // It has been found.
        : new("XREAD", "COUNT", _page.Current, "STREAMS", _source.Key, _place.Last!); // As above.

    private async Task<RespValue> SendForPageAsync(RedisConnection connection, RedisCommand command)
    {
        try
        {
            return await connection.SendAsync(command, _stopping.Token).ConfigureAwait(false);
        }
        catch (RedisUnavailableException)
        {
            _page.Shrink();
            throw;
        }
    }

    private bool IsRefused(RespValue reply)
    {
        if (reply.Type != RespType.Error)
            return false;

        // The connection ends by it.
        if (PrimaryCheck.IsDemotion(reply))
            throw new RedisUnavailableException("The server is not a primary any more.");

        var error = new RedisErrorException(reply.ToText()!); // An error has a text.
        if (_source.IsElsewhere(error))
            throw new IOException($"The stream is elsewhere: {error.Message}");

        if (_refusedPace.TrySay(out var count))
            RedisLog.StreamRefused(_logger, _source.Key, error.Message, count);

        return true;
    }

    private void Tell(RedisStreamEntry entry)
    {
        IStreamFollower[] followers;
        lock (_gate)
        {
            // Whoever comes now begins behind it.
            _place.MoveTo(entry.Id);
            followers = _followers;
        }

        foreach (var follower in followers)
            follower.OnEntry(entry);
    }

    private void TellCaughtUp(RedisConnection connection)
    {
        lock (_gate)
        {
            // The last answer may be looked at when its connection is lost already, and followers have been told so.
            if (_connection != connection)
                return;

            _isCaughtUp = true;
            foreach (var follower in _followers)
                follower.OnCaughtUp(_place.Last!); // It has been found.
        }
    }

    // What is added while Redis refuses to read is told later, as if the connection were lost.
    private void TellInterrupted(RedisConnection connection)
    {
        lock (_gate)
        {
            if (_connection != connection || !_isCaughtUp)
                return;

            _isCaughtUp = false;
            foreach (var follower in _followers)
                follower.OnInterrupted();
        }
    }

    private void TellGoneBack(string last)
    {
        lock (_gate)
        {
            _place.GoBackTo(last);
            foreach (var follower in _followers)
                follower.OnGoneBack(last);
        }
    }
}
