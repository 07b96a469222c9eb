namespace RawWs.SocketIO;

/// <summary>The answers that a socket's client owes. Each is waited for once, and forgotten when it comes, when its time is up, or when the socket goes. Thread-safe.</summary>
/// <param name="maxCount">How many there may be.</param>
/// <param name="metrics">Counts them.</param>
internal sealed class PendingAcks(int maxCount, SocketIOMetrics metrics)
{
    private readonly Lock _gate = new();
    private Dictionary<ulong, Action<IReadOnlyList<EventValue>?>>? _pending;
    private bool _isClosed;

    /// <summary>How many are waited for.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _pending?.Count ?? 0;
            }
        }
    }

    /// <summary>Whether the socket has gone.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Waits for an answer.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="answered">Called once, with the values of the answer, or with null if the socket goes first; not at all once it is forgotten.</param>
    /// <returns>False if the socket has gone, or there are too many.</returns>
    public bool TryAdd(ulong id, Action<IReadOnlyList<EventValue>?> answered)
    {
        lock (_gate)
        {
            if (_isClosed || _pending?.Count >= maxCount)
                return false;

            (_pending ??= []).Add(id, answered);
        }

        metrics.AcksPending(1);
        return true;
    }

    /// <summary>Waits no longer.</summary>
    public void Forget(ulong id) => TryTake(id);

    /// <summary>Hands an answer to whoever waits for it. One that nobody waits for, or any more, is ignored.</summary>
    public void Answer(ulong id, Func<IReadOnlyList<EventValue>> readValues)
    {
        if (TryTake(id) is { } answered)
            answered(readValues());
    }

    /// <summary>The socket has gone: nobody waits any longer.</summary>
    public void Close()
    {
        Dictionary<ulong, Action<IReadOnlyList<EventValue>?>>? pending;
        lock (_gate)
        {
            (_isClosed, pending, _pending) = (true, _pending, null);
        }

        if (pending is null)
            return;

        metrics.AcksPending(-pending.Count);
        foreach (var answered in pending.Values)
            answered(null);
    }

    private Action<IReadOnlyList<EventValue>?>? TryTake(ulong id)
    {
        Action<IReadOnlyList<EventValue>?>? answered = null;
        lock (_gate)
        {
            if (_pending is null || !_pending.Remove(id, out answered))
                return null;
        }

        metrics.AcksPending(-1);
        return answered;
    }
}
