using System.Buffers;

namespace RawWs.Fuzz;

/// <summary>
/// Does for a parser what a pipe does: keeps what it has not moved past, offers that again with more behind it, and reuses the memory of what it has
/// moved past, which here means that it overwrites it at once.
/// </summary>
internal sealed class ReceiveBuffer(byte[] wire, bool areSegments)
{
    private const byte Reused = 0xDD;

    private readonly byte[] _memory = [.. wire];
    private int _consumed;
    private int _arrived;
    private Segment? _first;
    private int _firstIndex;
    private Segment? _last;

    /// <summary>How many bytes the parser has moved past.</summary>
    public int Consumed => _consumed;

    /// <summary>How many bytes are kept for it.</summary>
    public int Kept => _arrived - _consumed;

    /// <summary>Everything that is kept, with what arrives up to <paramref name="end"/> behind it.</summary>
    public ReadOnlySequence<byte> Receive(int end)
    {
        var start = _arrived;
        _arrived = end;
        if (!areSegments)
            return new ReadOnlySequence<byte>(_memory, _consumed, end - _consumed);

        _last = new Segment(_memory.AsMemory(start..end), _last);
        _first ??= _last;
        return new ReadOnlySequence<byte>(_first, _firstIndex, _last, _last.Memory.Length);
    }

    /// <summary>Reuses the memory before <paramref name="unread"/>.</summary>
    public void Release(in ReadOnlySequence<byte> unread)
    {
        var consumed = _arrived - (int)unread.Length;
        _memory.AsSpan(_consumed..consumed).Fill(Reused);
        _consumed = consumed;

        if (areSegments)
            (_first, _firstIndex) = ((Segment?)unread.Start.GetObject(), unread.Start.GetInteger());
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null)
                return;

            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
