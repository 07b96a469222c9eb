using System.Buffers;

namespace RawWs.Transport;

/// <summary>An array in a chain of them, filled from the front and emptied from the front: rented, or lent together with its segment.</summary>
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private readonly LoopMemory? _owner;
    private byte[] _array = [];

    /// <summary>Makes a segment for rented arrays.</summary>
    public BufferSegment()
    {
    }

    /// <summary>Makes a segment with an array of its own.</summary>
    public BufferSegment(LoopMemory owner, int size)
    {
        _owner = owner;
        _array = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        Memory = _array;
    }

    /// <summary>The first byte that has not been consumed.</summary>
    public int Start { get; set; }

    /// <summary>Behind the last byte that has been filled in.</summary>
    public int End { get; private set; }

    /// <summary>The segment behind this one.</summary>
    public new BufferSegment? Next => (BufferSegment?)base.Next;

    /// <summary>What is filled and not consumed.</summary>
    public Memory<byte> Unconsumed => _array.AsMemory(Start, End - Start);

    /// <summary>What is filled and not consumed, as a part of its array.</summary>
    public ArraySegment<byte> UnconsumedPart => new(_array, Start, End - Start);

    /// <summary>Any of it, as a part of its array.</summary>
    public ArraySegment<byte> Part(int offset, int count) => new(_array, offset, count);

    /// <summary>Whether it is this array.</summary>
    public bool Has(byte[] array) => _array == array;

    /// <summary>What can still be filled, as a part of its array.</summary>
    public ArraySegment<byte> FreePart => new(_array, End, _array.Length - End);

    /// <summary>What can still be filled.</summary>
    public Memory<byte> Free => _array.AsMemory(End);

    /// <inheritdoc cref="Free"/>
    public Span<byte> FreeSpan => _array.AsSpan(End);

    /// <summary>How many bytes can still be filled.</summary>
    public int FreeLength => _array.Length - End;

    /// <summary>How many bytes it has room for, when it is empty.</summary>
    public int Size => _array.Length;

    /// <summary>Rents an array of at least <paramref name="size"/> bytes.</summary>
    public void Rent(int size)
    {
        _array = ArrayPool<byte>.Shared.Rent(size);
        Memory = _array;
    }

    /// <summary>Says that <paramref name="count"/> bytes of <see cref="Free"/> have been filled.</summary>
    public void Fill(int count) => End += count;

    /// <summary>Puts <paramref name="next"/> behind this segment, which is full.</summary>
    public void Append(BufferSegment next)
    {
        Memory = _array.AsMemory(0, End);
        next.RunningIndex = RunningIndex + End;
        base.Next = next;
    }

    /// <summary>Keeps a segment that is as new in a list of such.</summary>
    public void PutBefore(BufferSegment? spare) => base.Next = spare;

    /// <summary>Gives the array back and makes the segment as new.</summary>
    /// <returns>Whether the caller may use the segment again; otherwise it has gone back with its array.</returns>
    public bool Return()
    {
        RunningIndex = 0;
        Start = End = 0;
        if (_owner is not null)
        {
            if (base.Next is not null)
                (base.Next, Memory) = (null, _array);

            _owner.Return(this);
            return false;
        }

        base.Next = null;
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Memory = default;
        return true;
    }
}
