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

    // Spare segments by size, each twice that of the one before.
    private readonly Spares[] _spares = new Spares[ClassOf(SegmentChain.MaxSegmentSize) + 1];
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
        ref var spares = ref _spares[number];
        if (spares.Count == 0 && Volatile.Read(ref _returned) is not null)
            TakeReturned();

        if (spares.Count == 0)
            return new BufferSegment(this, MinSegmentSize << number);

        var segment = spares.Pop();
        _keptSize -= segment.Size;
        _unneededSize = Math.Min(_unneededSize, _keptSize);
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
            var size = MinSegmentSize << number;
            while (_spares[number].Count > 0 && size <= _unneededSize)
            {
                _spares[number].Pop();
                _keptSize -= size;
                _unneededSize -= size;
            }

            _spares[number].TrimExcess();
        }

        _unneededSize = _keptSize;
    }

    private void TakeReturned()
    {
        var segment = Interlocked.Exchange(ref _returned, null);
        while (segment is not null)
        {
            var next = segment.Next;
            segment.PutBefore(null);
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
        _spares[number].Push(segment);
        _keptSize += segment.Size;
    }

    private static int ClassOf(int size) => BitOperations.Log2((uint)(size - 1) / MinSegmentSize) + (size > MinSegmentSize ? 1 : 0);

    /// <summary>Spare segments of one size, the warmest on top. An array, for a segment that goes from list to list is written to each time.</summary>
    private struct Spares
    {
        private const int MinCapacity = 32;

        private BufferSegment?[]? _segments;

        public int Count { get; private set; }

        public BufferSegment Pop()
        {
            ref var place = ref _segments![--Count]; // The caller has seen that there is one.
            var segment = place!;
            place = null;
            return segment;
        }

        public void Push(BufferSegment segment)
        {
            if (_segments is null || Count == _segments.Length)
                Array.Resize(ref _segments, Math.Max(MinCapacity, 2 * Count));

            _segments[Count++] = segment;
        }

        /// <summary>What has had room for a crowd of them need not keep that.</summary>
        public void TrimExcess()
        {
            if (_segments is { Length: > MinCapacity } && Count < _segments.Length / 4)
                Array.Resize(ref _segments, Math.Max(MinCapacity, 2 * Count));
        }
    }
}
