using System.Buffers;

namespace RawWs.Protocol;

// The way of nearly all messages, and so as short as it can be: whole in one frame, not encoded, and there from the first byte to the last in one segment. It
// leaves no trace in the fields, which tell where in a frame or a message the input stands.
internal sealed partial class MessageAssembler
{
    /// <inheritdoc cref="TryReceive(ref ReadOnlySequence{byte}, out Received)"/>
    public bool TryReceive(ref UnreadBytes input, out Received received)
    {
        if (!_inFrame && !_inMessage && !Streaming && !Discarding && TryReceiveWhole(ref input, out received))
            return true;

        // So ends what a read has brought, nearly always.
        if (!_inFrame && input.IsEmpty)
        {
            received = default;
            return false;
        }

        var sequence = input.Sequence;
        var isReceived = TryReceive(ref sequence, out received);
        input = new UnreadBytes(sequence);
        return isReceived;
    }

    private bool TryReceiveWhole(ref UnreadBytes input, out Received received)
    {
        var segment = input.FirstSpan;
        if (!PlainFrameHeader.TryRead(segment, out var header)
            || header.PayloadLength > segment.Length - header.Length
            || header.PayloadLength > _limits.MaxMessageSize)
        {
            received = default;
            return false;
        }

        Unmask(segment, header, _observer);
        received = ReceivedIn(input.TakeFrame(header.Length, header.PayloadLength), header.Type);
        return true;
    }

    /// <summary>Takes a whole message in a plain frame from the beginning, where neither a frame nor a message has begun before it.</summary>
    /// <param name="input">What has arrived. The message is unmasked where it lies.</param>
    /// <param name="mayHaveMore">Whether something may follow it.</param>
    /// <param name="limits">What it may be at most.</param>
    /// <param name="observer">Who is told of it, if anybody.</param>
    /// <param name="received">The message.</param>
    /// <param name="length">How many bytes it takes, with its header.</param>
    /// <returns>Whether there is one. Otherwise nothing has happened.</returns>
    /// <exception cref="ProtocolViolationException">There is, but the peer broke a rule.</exception>
    public static bool TryReceiveFirst(
        in ArraySegment<byte> input, bool mayHaveMore, MessageLimits limits, IReceiveObserver? observer, out Received received, out int length)
    {
        var segment = input.AsSpan();
        length = 0;
        if (!PlainFrameHeader.TryRead(segment, out var header)
            || header.PayloadLength > segment.Length - header.Length
            || (!mayHaveMore && header.PayloadLength < segment.Length - header.Length)
            || header.PayloadLength > limits.MaxMessageSize)
        {
            received = default;
            return false;
        }

        Unmask(segment, header, observer);
        length = header.Length + header.PayloadLength;
        received = ReceivedIn(new ReadOnlySequence<byte>(input.Array!, input.Offset + header.Length, header.PayloadLength), header.Type); // It is not empty.
        return true;
    }

    private static Received ReceivedIn(in ReadOnlySequence<byte> payload, MessageType type) => new(ReceivedKind.Message, type, EndOfMessage: true, payload) { IsBehindHeader = true };

    private static void Unmask(Span<byte> segment, in PlainFrameHeader header, IReceiveObserver? observer)
    {
        var payload = segment.Slice(header.Length, header.PayloadLength);
        if (header.Type == MessageType.Text)
            UnmaskText(payload, header.MaskingKey, observer);
        else
            Masking.Apply(payload, header.MaskingKey);

        observer?.WholeMessageReceived(header.Type, header.PayloadLength);
    }

    // §8.1: what is not valid UTF-8 fails the connection.
    private static void UnmaskText(Span<byte> payload, uint maskingKey, IReceiveObserver? observer)
    {
        var utf8 = default(Utf8Validator);
        var isValid = utf8.TryUnmask(payload, ref maskingKey);
        if (isValid && utf8.IsAtBoundary)
            return;

        // No message has arrived, but its frame has.
        observer?.FrameReceived(Opcode.Text, payload.Length);
        throw isValid ? CutText() : NotUtf8();
    }
}
