namespace RawWs.SocketIO.Engine;

/// <summary>How many long-polling sessions have no request under way at this moment. Thread-safe.</summary>
internal sealed class DetachedCount
{
    private int _count;

    /// <summary>The number at this moment.</summary>
    public int Value => Volatile.Read(ref _count);

    /// <summary>One more, or one less.</summary>
    public void Add(int difference) => Interlocked.Add(ref _count, difference);
}
