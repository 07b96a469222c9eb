namespace RawWs.SocketIO;

/// <summary>
/// Sockets that have ended and are not done with what their clients said before. A client that has gone holds a place of a session no more, and could leave as much behind again and again: they are
/// limited by themselves, in number and in what waits for them together. Thread-safe.
/// </summary>
/// <param name="maxCount">How many there may be.</param>
/// <param name="maxSize">Bytes that may wait for them.</param>
internal sealed class EndedSockets(int maxCount, long maxSize)
{
    private readonly Lock _gate = new();
    private int _count;
    private long _size;

    /// <summary>Bytes that wait for them.</summary>
    public long Size
    {
        get
        {
            lock (_gate)
            {
                return _size;
            }
        }
    }

    /// <summary>One more.</summary>
    /// <param name="size">Bytes that wait for it.</param>
    /// <returns>False if there are too many, or too much waits.</returns>
    public bool TryAdd(long size)
    {
        lock (_gate)
        {
            if (_count >= maxCount || (size > 0 && _size + size > maxSize))
                return false;

            (_count, _size) = (_count + 1, _size + size);
            return true;
        }
    }

    /// <summary>One less.</summary>
    /// <param name="size">As it was added with.</param>
    public void Remove(long size)
    {
        lock (_gate)
        {
            (_count, _size) = (_count - 1, _size - size);
        }
    }
}
