using System.Buffers;

namespace RawWs.Transport;

/// <summary>
/// The bytes between a socket and a pipe's end: filled at the back, consumed at the front, in rented segments that grow with the flow and
/// are given back as soon as they are consumed. An empty chain holds no memory.
/// </summary>
/// <remarks>Not thread-safe: a chain belongs to one end of one pipe, and lies in it. It is changed where it lies: a copy is good for nothing.</remarks>
internal struct SegmentChain
{
    /// <summary>The size of the first segment: enough for an opening handshake and for most messages.</summary>
    public const int MinSegmentSize = 4 * 1024;

    /// <summary>The size that the first segment has, at most, if what came before was a lot.</summary>
    public const int MaxFirstSegmentSize = 32 * 1024;

    /// <summary>The size at which segments stop growing.</summary>
    public const int MaxSegmentSize = 128 * 1024;

    /// <summary>How many segments a thread keeps for next time. Not one: an echo holds one of what it reads and one of what it writes.</summary>
    private const int MaxSpareCount = 8;

    private BufferSegment? _first;
    private BufferSegment? _last;

    // For each thread and not for each chain: mostly a segment comes back on the thread that took it.
    [ThreadStatic]
    private static BufferSegment? _sparesOfThread;

    [ThreadStatic]
    private static int _spareCountOfThread;

    private readonly int _maxSegmentSize;
    private int _segmentSize;

    // How many bytes of a flow have come since nothing was there.
    private long _burst;

    /// <summary>A chain whose segments grow up to <see cref="MaxSegmentSize"/>.</summary>
    public SegmentChain()
        : this(MaxSegmentSize)
    {
    }

    /// <summary>A chain whose segments grow up to <paramref name="maxSegmentSize"/> bytes.</summary>
    public SegmentChain(int maxSegmentSize)
        => (_maxSegmentSize, _segmentSize) = (maxSegmentSize, Math.Min(MinSegmentSize, maxSegmentSize));

    /// <summary>Whether there is nothing to consume.</summary>
    public readonly bool IsEmpty => _first is null || (_first == _last && _first.Start == _first.End);

    /// <summary>Everything to consume. Stays valid until it is consumed.</summary>
    public readonly ReadOnlySequence<byte> Bytes
        => _first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first, _first.Start, _last!, _last!.End);

    /// <summary>How many bytes there are to consume.</summary>
    public readonly long Length => _first is null ? 0 : _last!.RunningIndex + _last.End - _first.RunningIndex - _first.Start;

    /// <summary>The first contiguous piece to consume.</summary>
    public readonly Memory<byte> First => _first is null ? default : _first.Unconsumed;

    /// <summary>Whether everything to consume, if there is anything, lies in one piece.</summary>
    public readonly bool IsInOnePiece => _first == _last;

    /// <summary>The first segment, for whoever goes through all pieces.</summary>
    public readonly BufferSegment? FirstSegment => _first;

    /// <summary>Room at the back for at least <paramref name="sizeHint"/> bytes, and never none.</summary>
    public Memory<byte> GetMemory(int sizeHint = 1)
    {
        MakeRoom(sizeHint);
        return _last!.Free;
    }

    /// <summary>The same for whoever fills it at once.</summary>
    public Span<byte> GetSpan(int sizeHint = 1)
    {
        MakeRoom(sizeHint);
        return _last!.FreeSpan;
    }

    /// <summary>Room at the back, like that of <see cref="GetMemory"/>, as a part of its array.</summary>
    public ArraySegment<byte> GetPart()
    {
        if (_last is null || _last.FreeLength == 0)
            AddSegment(sizeHint: 1);

        return _last!.FreePart;
    }

    /// <summary>How much room the next segment has, if nobody asks for more.</summary>
    public readonly int NextSegmentSize => _segmentSize;

    /// <summary>Makes a segment of somebody else the only one. There is none.</summary>
    public void Adopt(BufferSegment segment) => _first = _last = segment;

    /// <summary>Says that <paramref name="count"/> bytes of what <see cref="GetMemory"/> returned have been filled.</summary>
    public readonly void Fill(int count) => _last!.Fill(count);

    /// <summary>Says that <paramref name="count"/> bytes have come from a flow: one that fills its segments gets larger ones.</summary>
    public void FillFromFlow(int count)
    {
        Fill(count);
        _burst += count;
        if (_last!.FreeLength == 0)
            _segmentSize = Math.Min(2 * _segmentSize, _maxSegmentSize);
    }

    /// <summary>Lets the next segment have room for so many bytes, within bounds: so many are expected to be there at a time.</summary>
    public void Expect(long length) => _segmentSize = (int)Math.Clamp(length, LoopMemory.MinSegmentSize, MinSegmentSize);

    /// <summary>Gives back everything before <paramref name="position"/>.</summary>
    public void ConsumeTo(SequencePosition position)
    {
        if (position.GetObject() is not BufferSegment segment)
            return;

        while (_first != segment)
            ReturnFirst();

        segment.Start = position.GetInteger();
        while (_first != _last && _first.Start == _first.End)
            ReturnFirst();

        ReturnIfEmpty();
    }

    /// <summary>Whether there is nothing behind <paramref name="position"/>.</summary>
    public readonly bool IsEnd(SequencePosition position)
        => _last is null || (position.GetObject() == _last && position.GetInteger() == _last.End) || Bytes.Slice(position).IsEmpty;

    /// <summary>Gives back <paramref name="count"/> bytes of <see cref="First"/>.</summary>
    public void Consume(int count)
    {
        _first!.Start += count;
        if (_first.Start == _first.End && _first != _last)
            ReturnFirst();

        ReturnIfEmpty();
    }

    /// <summary>Gives back <paramref name="count"/> bytes, of as many segments as that takes.</summary>
    public void ConsumeAcross(long count)
    {
        while (count > 0)
        {
            var ofFirst = (int)Math.Min(count, First.Length);
            Consume(ofFirst);
            count -= ofFirst;
        }
    }

    /// <summary>Gives back everything, also segments that hold nothing yet.</summary>
    public void Return()
    {
        while (_first is not null)
            ReturnFirst();
    }

    /// <summary>Gives back a segment that was asked for and not filled.</summary>
    public void ReturnIfEmpty()
    {
        if (_first is not null && IsEmpty)
            ReturnFirst();
    }

    // The next burst begins with a segment that has room for one like this, within bounds: whoever sends a little of it and stops keeps a segment from others.
    private void EndBurst()
    {
        if (_burst == 0)
            return;

        if (_burst < _segmentSize / 4)
            _segmentSize = Math.Max(_segmentSize / 2, MinSegmentSize);

        _segmentSize = Math.Min(_segmentSize, Math.Min(MaxFirstSegmentSize, _maxSegmentSize));
        _burst = 0;
    }

    private void MakeRoom(int sizeHint)
    {
        if (_last is null || _last.FreeLength < Math.Max(1, sizeHint))
            AddSegment(sizeHint);
    }

    private void AddSegment(int sizeHint)
    {
        var size = Math.Max(sizeHint, _segmentSize);
        if (LoopMemory.OfThread?.TryRent(size) is not { } segment)
        {
            segment = TakeSpare() ?? new BufferSegment();
            segment.Rent(size);
        }

        if (_last is null)
            _first = segment;
        else
            _last.Append(segment);

        _last = segment;
    }

    private void ReturnFirst()
    {
        var segment = _first!;
        _first = segment.Next;
        if (_first is null)
        {
            _last = null;
            EndBurst();
        }

        if (!segment.Return() || _spareCountOfThread == MaxSpareCount)
            return;

        segment.PutBefore(_sparesOfThread);
        _sparesOfThread = segment;
        _spareCountOfThread++;
    }

    private static BufferSegment? TakeSpare()
    {
        if (_sparesOfThread is not { } segment)
            return null;

        _sparesOfThread = segment.Next;
        _spareCountOfThread--;
        segment.PutBefore(null);
        return segment;
    }
}
