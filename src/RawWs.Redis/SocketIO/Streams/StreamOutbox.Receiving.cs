namespace RawWs.Redis.SocketIO;

// What comes back from the stream, and what comes from others, in its order.
internal sealed partial class StreamOutbox
{
    // How long an entry is waited for that Redis has said is there; after a FLUSHALL it is not.
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromSeconds(5);

    private readonly Queue<Incoming> _incoming = new();
    private TaskCompletionSource? _moved;
    private bool _isCaughtUp;
    private string? _read;
    private string? _delivered;
    private string? _wentBackTo;

    // The id of what left the queue last.
    private string? _advancedTo;

    // So many had been sent when the reading was interrupted last, or the stream went back: whoever leads now may not have had them.
    private long _doubtfulCount;

    /// <summary>The id of the last entry that has been delivered here, with everything before it; null if none is known, or something was delivered without its place.</summary>
    public string? Delivered
    {
        get
        {
            lock (_gate)
            {
                return _isWhole ? _delivered : null;
            }
        }
    }

    /// <summary>Where the stream ended when it last went back; null: it never has. Of what was said behind that nobody knows how much is lost.</summary>
    public string? WentBackTo
    {
        get
        {
            lock (_gate)
            {
                return _wentBackTo;
            }
        }
    }

    /// <summary>How much has been added and has not come back yet.</summary>
    public int AddedCount
    {
        get
        {
            lock (_gate)
            {
                return _outgoing.Count(static outgoing => outgoing.State == OutgoingState.Added);
            }
        }
    }

    private bool IsWhole
    {
        get
        {
            lock (_gate)
            {
                return _isWhole;
            }
        }
    }

    /// <summary>There is an entry.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="isOwn">Whether this server has added it.</param>
    /// <param name="take">Delivers it if another one has; null if it is not for this namespace.</param>
    public void Receive(string id, bool isOwn, Action? take)
    {
        lock (_gate)
        {
            _incoming.Enqueue(new Incoming(id, isOwn, take, _sentCount));
            _read = id;
            Move_NeedsLock();
            Advance_NeedsLock();
        }

        // The stream is read no faster than it is delivered.
        _calls.RunAndWaitForRoom();
    }

    /// <summary>All entries that are there have been received.</summary>
    public void CatchUp(string last)
    {
        lock (_gate)
        {
            _isCaughtUp = true;
            _read ??= last;
            _delivered ??= last;
            Move_NeedsLock();
        }
    }

    /// <summary>The stream has gone back to an entry: what has not come back from it by now may be lost, and is looked for.</summary>
    public void GoBack(string last)
    {
        lock (_gate)
        {
            // Behind what came before, which may not have been delivered yet.
            _incoming.Enqueue(new Incoming(last, IsOwn: false, Take: null, _sentCount));
            (_read, _wentBackTo, _doubtfulCount) = (last, last, _sentCount);
            Fall_NeedsLock();
        }
    }

    /// <summary>Entries come no more until <see cref="CatchUp"/>.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            (_isCaughtUp, _doubtfulCount) = (false, _sentCount);

            // Delivered by the loop: this is the thread that reads from Redis, and holds a lock of its own.
            Fall_NeedsLock();
        }
    }

    /// <summary>Waits until what is said goes into the stream at once.</summary>
    public Task WaitUntilWholeAsync(CancellationToken cancellationToken) => WaitAsync(() => _isWhole, cancellationToken);

    /// <summary>Waits until an entry has been delivered here, and everything before it.</summary>
    public Task WaitForDeliveryAsync(string id, CancellationToken cancellationToken) => WaitAsync(() => IsUpTo(_delivered, id), cancellationToken);

    private static bool IsUpTo(string? place, string id) => place is not null && RedisStreamEntry.CompareIds(place, id) >= 0;

    private async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (condition())
                    return;

                moved = (_moved ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Move_NeedsLock()
    {
        _moved?.SetResult();
        _moved = null;
    }

    private void Advance_NeedsLock()
    {
        // An answer may come when its place has been passed already.
        if (_advancedTo is not null)
            PassBy_NeedsLock(_advancedTo);

        while (_incoming.TryPeek(out var next))
        {
            PassBy_NeedsLock(next.Id);
            Outgoing? matched = null;
            if (next.IsOwn && !TryMatch_NeedsLock(next, out matched))
                return;

            _advancedTo = _incoming.Dequeue().Id;
            if (matched is not null)
            {
                matched.Release(next.Id, _calls, () => SetDelivered(next.Id));
                Remove_NeedsLock(matched);
            }
            else
            {
                _calls.Post(() => Deliver(next));
            }
        }
    }

    /// <summary>What was added in front of an entry that has been read, and was not read itself, has been trimmed or deleted meanwhile: it comes no more.</summary>
    private void PassBy_NeedsLock(string id)
    {
        // In order: what is not answered yet is not overtaken by what was said behind it.
        while (_outgoing.First?.Value is { State: OutgoingState.Added } first && first.Number > _doubtfulCount && RedisStreamEntry.CompareIds(first.Id!, id) < 0) // It was added.
        {
            // Behind what has a larger id it is no place that a client could come back to.
            first.Release(IsUpTo(_advancedTo, first.Id!) ? null : first.Id, _calls); // As above.
            Remove_NeedsLock(first);
        }
    }

    private void Deliver(Incoming incoming)
    {
        try
        {
            incoming.Take?.Invoke();
        }
        finally
        {
            SetDelivered(incoming.Id);
        }
    }

    private void SetDelivered(string id)
    {
        lock (_gate)
        {
            _delivered = id;
            Move_NeedsLock();
        }
    }

    /// <param name="own">An entry of this server's.</param>
    /// <param name="matched">Which one it is; null if it is of an earlier attempt, or somebody's copy.</param>
    /// <returns>False if it is not known yet: its answer is on the way.</returns>
    private bool TryMatch_NeedsLock(Incoming own, out Outgoing? matched)
    {
        if (_added.TryGetValue(own.Id, out matched))
            return true;

        // What was sent when it had come already, it is not.
        if (_outgoing.Any(outgoing => outgoing.State == OutgoingState.Sent && outgoing.Number <= own.SentCount))
            return false;

        // All went one way: of those that may have been added it is the first.
        matched = _outgoing.FirstOrDefault(outgoing => outgoing.State == OutgoingState.Unknown && outgoing.Number <= own.SentCount);
        return true;
    }

    /// <summary>Finds out what Redis has, and sends the rest.</summary>
    /// <returns>False if it has to be tried again.</returns>
    private async Task<bool> TryBecomeWholeAsync(CancellationToken cancellationToken)
    {
        if (IsWhole)
            return true;

        try
        {
            await WaitAsync(() => _isCaughtUp && _unansweredCount == 0, cancellationToken).ConfigureAwait(false);
            if (WasRefused())
                return false;

            if (await _redis.ReadLastOfStreamAsync(_key, cancellationToken).ConfigureAwait(false) is { } newest)
            {
                using var timeout = new CancellationTokenSource(LongestCatchUp, _redis.Options.TimeProvider);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
                await WaitAsync(() => IsUpTo(_read, newest.Id), either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        lock (_gate)
        {
            if (!_isCaughtUp)
                return false;

            Advance_NeedsLock();

            // What was added, and has not come back by now, was lost with a Redis that was killed, or trimmed.
            _added.Clear();
            foreach (var outgoing in _outgoing)
            {
                (outgoing.State, outgoing.Id) = (OutgoingState.Waiting, null);
                _unsent.Enqueue(outgoing);
            }

            _isWhole = true;
            Move_NeedsLock();
            Send_NeedsLock();
        }

        _calls.Run();
        return true;
    }

    private bool WasRefused()
    {
        lock (_gate)
        {
            var wasRefused = _isRefused;
            _isRefused = false;
            return wasRefused;
        }
    }

    private readonly record struct Incoming(string Id, bool IsOwn, Action? Take, long SentCount);
}
