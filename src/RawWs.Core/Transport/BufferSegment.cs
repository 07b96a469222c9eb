using System.Buffers;

namespace RawWs.Transport;

/// <summary>A rented array in a chain of them, filled from the front and emptied from the front.</summary>
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private byte[] _array = [];

    /// <summary>The first byte that has not been consumed.</summary>
    public int Start { get; set; }

    /// <summary>Behind the last byte that has been filled in.</summary>
    public int End { get; private set; }

    /// <summary>The segment behind this one.</summary>
    public new BufferSegment? Next => (BufferSegment?)base.Next;

    /// <summary>What is filled and not consumed.</summary>
    public Memory<byte> Unconsumed => _array.AsMemory(Start, End - Start);

    /// <summary>What can still be filled.</summary>
    public Memory<byte> Free => _array.AsMemory(End);

    /// <summary>How many bytes can still be filled.</summary>
    public int FreeLength => _array.Length - End;

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
    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Memory = default;
        base.Next = null;
        RunningIndex = 0;
        Start = End = 0;
    }
}
