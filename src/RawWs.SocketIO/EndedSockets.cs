namespace RawWs.SocketIO;

/// <summary>
/// How many sockets have ended and are not done with what their clients said before. A client that has gone holds a place of a session no more: these are limited by themselves.
/// Thread-safe.
/// </summary>
/// <param name="maxCount">How many there may be.</param>
internal sealed class EndedSockets(int maxCount)
{
    private int _count;

    /// <summary>One more.</summary>
    /// <returns>False if there are too many.</returns>
    public bool TryAdd()
    {
        if (Interlocked.Increment(ref _count) <= maxCount)
            return true;

        Remove();
        return false;
    }

    /// <summary>One less.</summary>
    public void Remove() => Interlocked.Decrement(ref _count);
}
