using System.Buffers.Binary;

namespace RawWs.Load;

/// <summary>
/// What one connection receives, compared byte by byte with what it must be: the messages of a ring in their order, each as one frame, with control frames
/// between them.
/// </summary>
/// <param name="ring">The messages.</param>
/// <param name="mayMiss">Whether a message that is left out is counted, as in a broadcast; otherwise it is as wrong as any other byte.</param>
internal sealed class ReplyStream(FrameRing ring, bool mayMiss = false)
{
    private const int MaxControlFrameLength = 2 + 125;

    // How far the ring's replies have been seen.
    private int _position;

    // A frame that is not the one that was expected, as far as it has come; nothing is held before there is one.
    private byte[]? _odd;
    private int _oddLength;
    private bool _isOdd;

    /// <summary>The number of the next message, counted from the first that was sent, without end.</summary>
    public long Next { get; private set; }

    /// <summary>How many messages were left out.</summary>
    public long MissedCount { get; private set; }

    /// <summary>How many messages came after a later one, or twice. They had been counted as missed, or as received.</summary>
    public long LateCount { get; private set; }

    /// <summary>Moves <paramref name="received"/> forward, past the first control frame at most.</summary>
    /// <returns>How many messages have become complete.</returns>
    /// <exception cref="InvalidDataException">These are not the bytes of what was sent.</exception>
    public int Read(ref ReadOnlySpan<byte> received, out ControlFrame? control)
    {
        control = null;
        var count = 0;
        while (!received.IsEmpty && control is null)
        {
            if (!_isOdd)
                count += ReadExpected(ref received);
            else if (TryCompleteOdd(ref received))
                count += TakeOdd(out control);
        }

        return count;
    }

    private int ReadExpected(ref ReadOnlySpan<byte> received)
    {
        var expected = ring.Replies.AsSpan(_position);
        var length = received.CommonPrefixLength(expected);
        var count = ((_position + length) / ring.ReplyLength) - (_position / ring.ReplyLength);
        received = received[length..];
        Next += count;
        _position += length;

        if (length == expected.Length)
            _position = 0;
        else if (!received.IsEmpty)
            BeginOdd();

        return count;
    }

    private void BeginOdd()
    {
        _isOdd = true;
        _odd ??= new byte[Math.Max(ring.ReplyLength, MaxControlFrameLength)];

        // What has been seen of the frame is as it was expected, so it can be taken from there.
        _oddLength = _position % ring.ReplyLength;
        _position -= _oddLength;
        ring.Replies.AsSpan(_position, _oddLength).CopyTo(_odd);
    }

    private bool TryCompleteOdd(ref ReadOnlySpan<byte> received)
    {
        int missing;
        while ((missing = KnownOddLength() - _oddLength) > 0 && !received.IsEmpty)
        {
            var taken = received[..Math.Min(missing, received.Length)];
            taken.CopyTo(_odd.AsSpan(_oddLength));
            _oddLength += taken.Length;
            received = received[taken.Length..];
        }

        return missing == 0;
    }

    /// <summary>How long the frame is, as far as it can be known: two bytes, its header, all of it.</summary>
    private int KnownOddLength()
    {
        if (_oddLength < 2)
            return 2;

        var headerLength = _odd![1] switch { 126 => 4, 127 => 10, _ => 2 };
        if (_oddLength < headerLength)
            return headerLength;

        var payloadLength = headerLength switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(_odd.AsSpan(2)),
            10 => BinaryPrimitives.ReadUInt64BigEndian(_odd.AsSpan(2)),
            _ => _odd[1],
        };
        return payloadLength <= (ulong)(_odd.Length - headerLength)
            ? headerLength + (int)payloadLength
            : throw new InvalidDataException($"The server sent a frame of {payloadLength} bytes; what was sent has {ring.PayloadSize}.");
    }

    private int TakeOdd(out ControlFrame? control)
    {
        _isOdd = false;
        control = null;
        var frame = _odd.AsSpan(0, _oddLength);
        var opcode = (byte)(frame[0] & 0x0F);
        if (opcode >= ClientFrames.Close && (frame[0] & 0xF0) == 0x80)
        {
            control = new ControlFrame(opcode, frame[2..].ToArray());
            return 0;
        }

        if (!mayMiss || frame.Length != ring.ReplyLength || !ring.TryReadNumber(frame[ring.ReplyHeaderLength..], out var number)
            || !frame.SequenceEqual(ring.Replies.AsSpan(number * ring.ReplyLength, ring.ReplyLength)))
        {
            throw new InvalidDataException($"Message {Next} did not come back as it was sent, in one frame.");
        }

        // Less than half the way round is ahead; more is behind.
        var missed = (number - (_position / ring.ReplyLength) + ring.Count) % ring.Count;
        if (missed > ring.Count / 2)
        {
            LateCount++;
            return 0;
        }

        MissedCount += missed;
        Next += missed + 1;
        _position = (number + 1) % ring.Count * ring.ReplyLength;
        return 1;
    }
}
