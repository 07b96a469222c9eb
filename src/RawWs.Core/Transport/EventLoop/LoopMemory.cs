using System.Numerics;

namespace RawWs.Transport;

/// <summary>
/// What the connections of one loop receive into and write to: pinned segments, each lent for as long as there is something in it. It keeps what comes back, for
/// the next turn needs it again, and lets go of what was not needed for a while.
/// </summary>
/// <remarks>Lends on its loop's thread, and takes back from any.</remarks>
internal sealed class LoopMemory
{
    /// <summary>The smallest segment: enough for some small messages that leave together.</summary>
    public const int MinSegmentSize = 512;

    /// <summary>How much it keeps while nobody needs it.</summary>
    private const int MaxKeptSize = 64 * 1024 * 1024;

    [ThreadStatic]
    private static LoopMemory? _ofThread;

    // Lists of spare segments by size, each twice that of the one before.
    private readonly BufferSegment?[] _spares = new BufferSegment?[ClassOf(SegmentChain.MaxSegmentSize) + 1];
    private int _keptSize;

    // How much of it nobody has needed since the last trimming.
    private int _unneededSize;

    // What has come back on other threads.
    private BufferSegment? _returned;

    /// <summary>The memory of the loop on whose thread the caller is; null if it is on none.</summary>
    public static LoopMemory? OfThread
    {
        get => _ofThread;
        set => _ofThread = value;
    }

    /// <summary>Lends a segment. Called on the loop's thread.</summary>
    /// <returns>Null if it has none so large.</returns>
    public BufferSegment? TryRent(int size)
    {
        if (size > SegmentChain.MaxSegmentSize)
            return null;

        var number = ClassOf(Math.Max(size, MinSegmentSize));
        if (_spares[number] is null && Volatile.Read(ref _returned) is not null)
            TakeReturned();

        if (_spares[number] is not { } segment)
            return new BufferSegment(this, MinSegmentSize << number);

        _spares[number] = segment.Next;
        _keptSize -= segment.Size;
        _unneededSize = Math.Min(_unneededSize, _keptSize);
        segment.PutBefore(null);
        return segment;
    }

    /// <summary>Takes back a segment that is as new.</summary>
    public void Return(BufferSegment segment)
    {
        if (_ofThread == this)
        {
            Keep(segment);
            return;
        }

        BufferSegment? first;
        do
        {
            first = Volatile.Read(ref _returned);
            segment.PutBefore(first);
        }
        while (Interlocked.CompareExchange(ref _returned, segment, first) != first);
    }

    /// <summary>Lets go of what nobody has needed since the last time, the largest first. Called on the loop's thread.</summary>
    public void Trim()
    {
        TakeReturned();
        for (var number = _spares.Length - 1; number >= 0; number--)
        {
            while (_spares[number] is { } segment && segment.Size <= _unneededSize)
            {
                _spares[number] = segment.Next;
                _keptSize -= segment.Size;
                _unneededSize -= segment.Size;
            }
        }

        _unneededSize = _keptSize;
    }

    private void TakeReturned()
    {
        var segment = Interlocked.Exchange(ref _returned, null);
        while (segment is not null)
        {
            var next = segment.Next;
            Keep(segment);
            segment = next;
        }
    }

    private void Keep(BufferSegment segment)
    {
        // The garbage collector takes what is too much.
        if (_keptSize + segment.Size > MaxKeptSize)
            return;

        var number = ClassOf(segment.Size);
        segment.PutBefore(_spares[number]);
        _spares[number] = segment;
        _keptSize += segment.Size;
    }

    private static int ClassOf(int size) => BitOperations.Log2((uint)(size - 1) / MinSegmentSize) + (size > MinSegmentSize ? 1 : 0);
}
