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

        var payload = segment.Slice(header.Length, header.PayloadLength);
        if (header.Type == MessageType.Text)
            UnmaskText(payload, header.MaskingKey);
        else
            Masking.Apply(payload, header.MaskingKey);

        _observer?.WholeMessageReceived(header.Type, header.PayloadLength);
        received = new Received(ReceivedKind.Message, header.Type, EndOfMessage: true, input.TakeFrame(header.Length, header.PayloadLength)) { IsBehindHeader = true };
        return true;
    }

    // §8.1: what is not valid UTF-8 fails the connection.
    private void UnmaskText(Span<byte> payload, uint maskingKey)
    {
        var utf8 = default(Utf8Validator);
        var isValid = utf8.TryUnmask(payload, ref maskingKey);
        if (isValid && utf8.IsAtBoundary)
            return;

        // No message has arrived, but its frame has.
        _observer?.FrameReceived(Opcode.Text, payload.Length);
        throw isValid ? CutText() : NotUtf8();
    }
}
