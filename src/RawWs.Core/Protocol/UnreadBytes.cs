using System.Buffers;
using System.Runtime.InteropServices;

namespace RawWs.Protocol;

/// <summary>
/// What has arrived on a connection and has not been parsed: a sequence, and a place in its first segment that moves over one small frame after the other
/// without the sequence being sliced for each.
/// </summary>
/// <remarks>Valid as long as the sequence is. It is changed where it lies: a copy is another place in the same bytes.</remarks>
internal struct UnreadBytes
{
    private readonly ReadOnlySequence<byte> _sequence;

    // What the first segment lies in, and where in it; empty if it is not in an array.
    private readonly byte[]? _array;
    private readonly int _segmentStart;
    private readonly int _segmentEnd;
    private int _position;

    /// <summary>Nothing of <paramref name="sequence"/> has been parsed.</summary>
    public UnreadBytes(in ReadOnlySequence<byte> sequence)
    {
        _sequence = sequence;
        if (MemoryMarshal.TryGetArray(sequence.First, out var segment))
        {
            _array = segment.Array;
            (_segmentStart, _segmentEnd, _position) = (segment.Offset, segment.Offset + segment.Count, segment.Offset);
        }
    }

    /// <summary>All that is unread.</summary>
    public readonly ReadOnlySequence<byte> Sequence => _position == _segmentStart ? _sequence : _sequence.Slice(_position - _segmentStart);

    /// <summary>Where the unread begins.</summary>
    public readonly SequencePosition Start => Sequence.Start;

    /// <summary>How many bytes are unread.</summary>
    public readonly long Length => _sequence.Length - (_position - _segmentStart);

    /// <summary>Whether all has been parsed.</summary>
    public readonly bool IsEmpty => Length == 0;

    /// <summary>What is unread of the first segment, to be unmasked where it lies; empty if it is not in an array.</summary>
    public readonly Span<byte> FirstSpan => new(_array, _position, _segmentEnd - _position);

    /// <summary>Moves over a frame that lies in <see cref="FirstSpan"/>.</summary>
    /// <returns>Its payload.</returns>
    public ReadOnlySequence<byte> TakeFrame(int headerLength, int payloadLength)
    {
        var payload = new ReadOnlySequence<byte>(_array!, _position + headerLength, payloadLength); // What lies in FirstSpan lies in an array.
        _position += headerLength + payloadLength;
        return payload;
    }
}
