using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>The answers that a socket's client owes. Each is waited for once, and forgotten when it comes, when its time is up, or when the socket goes. Thread-safe.</summary>
/// <param name="maxCount">How many there may be.</param>
internal sealed class PendingAcks(int maxCount)
{
    private readonly Lock _gate = new();
    private Dictionary<ulong, Action<Packet?>>? _pending;
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

    /// <summary>Waits for an answer.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="answered">Called once, with the answer, or with null if the socket goes first; not at all once it is forgotten.</param>
    /// <returns>False if the socket has gone.</returns>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public bool TryAdd(ulong id, Action<Packet?> answered)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;

            if (_pending?.Count >= maxCount)
                throw new InvalidOperationException($"{maxCount} acks of this socket are waited for; see {nameof(SocketIOServerOptions)}.{nameof(SocketIOServerOptions.MaxPendingAckCount)}.");

            (_pending ??= []).Add(id, answered);
            return true;
        }
    }

    /// <summary>Waits no longer.</summary>
    public void Forget(ulong id)
    {
        lock (_gate)
        {
            _pending?.Remove(id);
        }
    }

    /// <summary>Hands an answer to whoever waits for it. One that nobody waits for, or any more, is ignored.</summary>
    public void Answer(Packet packet)
    {
        Action<Packet?>? answered = null;
        lock (_gate)
        {
            if (packet.Id is { } id)
                _pending?.Remove(id, out answered);
        }

        answered?.Invoke(packet);
    }

    /// <summary>The socket has gone: nobody waits any longer.</summary>
    public void Close()
    {
        Dictionary<ulong, Action<Packet?>>? pending;
        lock (_gate)
        {
            (_isClosed, pending, _pending) = (true, _pending, null);
        }

        foreach (var answered in pending?.Values ?? Enumerable.Empty<Action<Packet?>>())
            answered(null);
    }
}
