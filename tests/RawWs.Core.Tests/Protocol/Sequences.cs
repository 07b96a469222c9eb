using System.Buffers;

namespace RawWs.Tests.Protocol;

/// <summary>Byte sequences of several segments.</summary>
internal static class Sequences
{
    /// <summary>
    /// The part of <paramref name="memory"/> from <paramref name="start"/> to <paramref name="end"/>, in segments that end at the cuts: empty
    /// ones where a cut is given twice, or lies at an end of the part.
    /// </summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> memory, int start, int end, params int[] cuts)
    {
        int[] inside = [.. cuts.Where(cut => cut >= start && cut <= end), end];

        var first = new Segment(memory[start..inside[0]], null);
        var last = inside.Zip(inside.Skip(1)).Aggregate(first, (previous, next) => new Segment(memory[next.First..next.Second], previous));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>The pieces one behind the other, each in a segment of its own.</summary>
    public static ReadOnlySequence<byte> Join(params byte[][] pieces)
    {
        var first = new Segment(pieces[0], null);
        var last = pieces.Skip(1).Aggregate(first, (previous, piece) => new Segment(piece, previous));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
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
