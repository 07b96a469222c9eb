namespace RawWs.Redis.Client;

/// <summary>How many entries of a stream are read at once: as many as make an answer of a size that Redis, and this node, can do with.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PageLength
{
    private const int SmallSize = 1 << 20, LargeSize = 8 << 20;

    private readonly int _longest;
    private readonly int _smallSize;

    /// <param name="longest">How many there are at most.</param>
    /// <param name="maxReplySize">Bytes that an answer may have.</param>
    /// <param name="isShortAtFirst">Whether it begins with one, and not with the longest.</param>
    public PageLength(int longest, int maxReplySize, bool isShortAtFirst = false)
    {
        // Twice as many are still far from being too much, if they are like these.
        (_longest, _smallSize) = (longest, Math.Min(SmallSize, maxReplySize / 8));
        Current = isShortAtFirst ? 1 : longest;
    }

    /// <summary>How many to ask for.</summary>
    public int Current { get; private set; }

    /// <summary>These were read.</summary>
    public void Adapt(IReadOnlyList<RedisStreamEntry> entries)
    {
        var size = entries.Sum(static entry => entry.Fields.Sum(static field => (long)field.Length));
        if (size < _smallSize)
            Current = (int)Math.Min(_longest, 2L * Current);
        else if (size > LargeSize)
            Current = Math.Max(1, Current / 2);
    }

    /// <summary>The connection was lost before the answer: it may have been too much.</summary>
    public void Shrink() => Current = 1;
}
