using System.Buffers;

namespace RawWs.Protocol;

// Messages whose first frame has RSV1 set: their payload goes through the decoder of the extension that gives the bit its meaning.
internal sealed partial class MessageAssembler
{
    /// <summary>How much of a message that is delivered as it comes is decoded at a time.</summary>
    private const int DecodedPartSize = 16 * 1024;

    private bool _isEncoded;

    // An encoded message may be longer on the wire than decoded, by what the encoding adds to data that it can't make smaller: little, if its encoder is
    // sane. Beyond that it is refused by its header, as any other.
    private static long EncodedLimit(long limit) => limit > long.MaxValue / 2 ? limit : limit + (limit >> 3) + 1024;

    /// <summary>Takes what has arrived of an encoded message, and delivers it, or the next part of it.</summary>
    private bool TryDecode(ref ReadOnlySequence<byte> input, out Received received)
    {
        received = default;
        var fresh = UnmaskArrived(_retained == 0 ? input : input.Slice(_retained));
        _retained += fresh.Length;

        var encoded = input.Slice(0, _retained);
        var isDone = Decode(ref encoded);
        input = input.Slice(encoded.Start);
        _retained = encoded.Length;

        if (!isDone && !_streaming)
            throw TooBig();

        if (isDone && _missing == 0)
            EndFrame();

        var isPart = _streaming && _collected!.Length > 0; // Decode has made it.
        if (_inMessage && !isPart)
            return false;

        _isPartDelivered = true;
        received = new Received(_streaming ? ReceivedKind.MessagePart : ReceivedKind.Message, _type, EndOfMessage: !_inMessage, DeliverCollected());
        return true;
    }

    /// <returns>Whether all input is used and nothing more comes out; otherwise there is no room for more.</returns>
    private bool Decode(ref ReadOnlySequence<byte> encoded)
    {
        _collected ??= new PayloadBuffer();
        var isLast = _missing == 0 && _frame.Fin;
        var limit = LimitOf(_streaming);
        var maxLength = _streaming ? DecodedPartSize : (int)limit;

        while (true)
        {
            var room = _collected.GetRoom(maxLength, wanted: (int)Math.Min(DecodedPartSize, 4 * encoded.Length + 64));
            if (room.IsEmpty)
                return _streaming ? false : IsDecodedToTheEnd(ref encoded, isLast);

            var isDone = _decoder!.Decode(ref encoded, isLast, room, out var written); // A frame with RSV1 is refused without a decoder.
            if (_type == MessageType.Text && !_utf8.TryAppend(room[..written]))
                throw NotUtf8();

            _collected.Fill(written);
            _decodedLength += written;
            if (_decodedLength > limit)
                throw TooBig();

            if (isDone)
                return true;
        }
    }

    // The limit is reached exactly: whether it is exceeded shows in a byte that has no place any more.
    private bool IsDecodedToTheEnd(ref ReadOnlySequence<byte> encoded, bool isLast)
    {
        Span<byte> excess = stackalloc byte[1];
        return _decoder!.Decode(ref encoded, isLast, excess, out var written) && written == 0; // As above.
    }

    private static ProtocolViolationException TooBig() => new(CloseCode.MessageTooBig, "the message is larger than this server accepts");
}
