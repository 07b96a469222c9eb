using System.Buffers;

namespace RawWs.Protocol;

/// <summary>
/// Turns the bytes that a client sends after the opening handshake into messages and control frames (RFC 6455 §5 and §6.2): a value
/// without socket, clock or task. It keeps its place between calls and holds for any split of its input.
/// </summary>
/// <remarks>
/// An unfragmented message is not copied: its payload is unmasked and validated in the receive buffer as it arrives, and stays
/// there until it is whole. A fragmented one is collected, because frame headers and control frames lie between its pieces, and so is one that
/// dribbles in.
/// </remarks>
internal sealed partial class MessageAssembler : IDisposable
{
    /// <summary>
    /// An unfragmented message that arrives in more pieces than this is collected after all: finding the place in a chain of buffers takes a step for each
    /// of them, at each arrival.
    /// </summary>
    private const int MaxArrivalsInPlace = 64;

    private MessageLimits _limits = null!; // Whoever makes or begins it sets them.
    private IPayloadDecoder? _decoder;
    private IReceiveObserver? _observer;

    // What a fragmented message is collected in, and what the one before was delivered in; made when the first one comes.
    private PayloadBuffer? _collected;
    private PayloadBuffer? _delivered;

    private FrameHeader _frame;
    private bool _inFrame;
    private uint _maskingKey;

    // Bytes of the current frame's payload that were unmasked and validated: those that wait at the front of the input until the
    // message is whole (_retained), and those that are still to come (_missing).
    private long _retained;
    private long _missing;

    private MessageType _type;
    private bool _inMessage;
    private bool _inFragmentedMessage;
    private bool _inPlace;
    private int _arrivalCount;
    private bool _streaming;
    private bool _isPartDelivered;
    private long _messageLength;
    private long _decodedLength;
    private int _fragmentCount;
    private Utf8Validator _utf8;

    /// <summary>Makes one that serves nobody before <see cref="Begin"/>.</summary>
    public MessageAssembler()
    {
    }

    /// <summary>Makes one for a connection.</summary>
    /// <inheritdoc cref="Begin" path="/param"/>
    public MessageAssembler(MessageLimits limits, IPayloadDecoder? decoder = null, IReceiveObserver? observer = null) => Begin(limits, decoder, observer);

    /// <summary>
    /// Whether the next message is delivered as it comes, in <see cref="ReceivedKind.MessagePart"/>s, or whole. Takes effect where a
    /// message begins; and one of which nothing has been delivered can still be asked for whole.
    /// </summary>
    public bool Streaming { get; set; }

    /// <summary>
    /// Whether messages are skipped instead of delivered: after a close frame, "any further data is discarded" (§1.4). Frames must still be
    /// legal, but their payload is neither looked at nor limited. Never unset.
    /// </summary>
    public bool Discarding { get; set; }

    /// <summary>Whether a message has begun and is not complete.</summary>
    public bool IsInMessage => _inMessage;

    /// <summary>Whether the input stands inside a frame whose header has been read.</summary>
    public bool IsInFrame => _inFrame;

    /// <summary>Whether the input stands inside a frame or a message: what has been seen of it matters for what follows.</summary>
    public bool IsInMidst => _inFrame || _inMessage || _inFragmentedMessage;

    /// <summary>How many data frames without payload there have been since somebody set it to 0. They cost their sender next to nothing.</summary>
    public int EmptyFrameCount { get; set; }

    /// <summary>Serves a connection from here on, whose input stands between two messages.</summary>
    /// <param name="limits">What a message may be at most.</param>
    /// <param name="decoder">What gives RSV1 its meaning; null if no extension was agreed on.</param>
    /// <param name="observer">Who is told of what arrives, if anybody.</param>
    public void Begin(MessageLimits limits, IPayloadDecoder? decoder, IReceiveObserver? observer)
        => (_limits, _decoder, _observer) = (limits, decoder, observer);

    /// <summary>Serves it no more, and gives back all memory. Its input stands between two messages, too.</summary>
    public void End()
    {
        Dispose();
        (_decoder, _observer) = (null, null);

        // Nothing that one connection was told to do is done for the next.
        (Streaming, Discarding, EmptyFrameCount) = (false, false, 0);
    }

    /// <summary>
    /// Takes the next message, part or control frame from <paramref name="input"/> and moves it forward past what is no longer needed.
    /// The caller keeps everything from the new start on and offers it again, with more behind it.
    /// </summary>
    /// <returns><see langword="false"/> if more input is needed.</returns>
    /// <exception cref="ProtocolViolationException">The peer broke a rule. The assembler must not be called again.</exception>
    public bool TryReceive(ref ReadOnlySequence<byte> input, out Received received)
    {
        var isReceived = TryTakeNext(ref input, out received);
        CountMemory();
        return isReceived;
    }

    private bool TryTakeNext(ref ReadOnlySequence<byte> input, out Received received)
    {
        received = default;

        while (true)
        {
            if (!_inFrame && !TryBeginFrame(ref input))
                return false;

            if (_frame.Opcode.IsControl)
                return TryReceiveControl(ref input, out received);

            if (_streaming && !Streaming && !_isPartDelivered && !Discarding)
                DeliverWhole();

            var delivered = (_streaming, _inPlace) switch
            {
                _ when Discarding => Discard(ref input),
                _ when _isEncoded => TryDecode(ref input, out received),
                (true, _) => TryReceivePart(ref input, out received),
                (_, true) => TryReceiveInPlace(ref input, out received),
                _ => TryCollect(ref input, out received),
            };

            if (delivered)
            {
                if (received.EndOfMessage)
                    _observer?.MessageReceived(received.Type);

                return true;
            }

            // A frame that ended without completing anything makes way for the next; one that has not ended waits for input.
            if (_inFrame)
                return false;
        }
    }

    /// <summary>
    /// Whether what comes next is a control frame: null if that can't be seen yet. Control frames may be taken out while the application still
    /// works on the message before them.
    /// </summary>
    public bool? IsControlNext(in ReadOnlySequence<byte> input)
    {
        if (_inFrame)
            return _frame.Opcode.IsControl;

        // Not FirstSpan: a sequence may begin with an empty segment.
        return new SequenceReader<byte>(input).TryPeek(out var first) ? ((Opcode)first).IsControl : null;
    }

    /// <summary>Gives back the memory of the message that was delivered last.</summary>
    public void ReleaseDelivered() => _delivered?.Return();

    /// <summary>Gives back all memory. The assembler may be used no more.</summary>
    public void Dispose()
    {
        _collected?.Return();
        _delivered?.Return();
        ReleaseMemory();
    }

    private bool TryBeginFrame(ref ReadOnlySequence<byte> input)
    {
        if (!FrameHeader.TryRead(ref input, new FrameRules(_inFragmentedMessage, AllowRsv1: _decoder is not null), out _frame))
            return false;

        _inFrame = true;
        _maskingKey = _frame.MaskingKey.GetValueOrDefault();
        _missing = _frame.PayloadLength;
        _retained = 0;

        if (!_frame.Opcode.IsControl)
            BeginDataFrame();

        _observer?.FrameReceived(_frame.Opcode, _frame.PayloadLength);
        return true;
    }

    private void BeginDataFrame()
    {
        if (!_inMessage)
        {
            _inMessage = true;
            _type = _frame.Opcode == Opcode.Text ? MessageType.Text : MessageType.Binary;
            _streaming = Streaming;
            _inPlace = _frame.Fin;
            _isPartDelivered = false;
            _arrivalCount = 0;
            _messageLength = 0;
            _decodedLength = 0;
            _fragmentCount = 0;
            _utf8 = default;
            _isEncoded = _frame.Rsv1;

            if (_isEncoded && !Discarding)
                _decoder!.Begin(); // A frame with RSV1 is refused without a decoder.
        }

        _inFragmentedMessage = !_frame.Fin;
        if (Discarding)
            return;

        if (_frame.PayloadLength == 0)
            EmptyFrameCount++;

        // Compared so that no announced length can overflow: _messageLength never exceeds the limit.
        if (_frame.PayloadLength > LimitOnWire - _messageLength)
            throw TooBig();

        if (++_fragmentCount > _limits.MaxFragmentCount)
            throw new ProtocolViolationException(CloseCode.PolicyViolation, "the message has more fragments than this server accepts");

        _messageLength += _frame.PayloadLength;
    }

    private bool TryReceiveControl(ref ReadOnlySequence<byte> input, out Received received)
    {
        received = default;
        if (input.Length < _missing)
            return false;

        var payload = input.Slice(0, _missing);
        Masking.Unmask(payload, _maskingKey);
        input = input.Slice(payload.End);
        _inFrame = false;

        var kind = _frame.Opcode switch
        {
            Opcode.Close => ReceivedKind.Close,
            Opcode.Ping => ReceivedKind.Ping,
            _ => ReceivedKind.Pong,
        };
        received = new Received(kind, default, EndOfMessage: true, payload);
        return true;
    }

    // The payload stays in the input until it is all there; each arrival is unmasked and validated where it lies.
    private bool TryReceiveInPlace(ref ReadOnlySequence<byte> input, out Received received)
    {
        received = default;
        var arrived = TakeArrived(_retained == 0 ? input : input.Slice(_retained));
        _retained += arrived.Length;

        if (_missing > 0)
        {
            if (++_arrivalCount > MaxArrivalsInPlace)
                CollectFromHere(ref input);

            return false;
        }

        var payload = input.Slice(0, _retained);
        input = input.Slice(payload.End);
        EndFrame();
        received = new Received(ReceivedKind.Message, _type, EndOfMessage: true, payload);
        return true;
    }

    /// <summary>Goes on as if the message were fragmented.</summary>
    private void CollectFromHere(ref ReadOnlySequence<byte> input)
    {
        var retained = input.Slice(0, _retained);
        (_collected ??= new()).Append(retained);
        input = input.Slice(retained.End);
        (_retained, _inPlace) = (0, false);
    }

    private bool TryCollect(ref ReadOnlySequence<byte> input, out Received received)
    {
        received = default;
        var arrived = TakeArrived(input);
        (_collected ??= new()).Append(arrived);
        input = input.Slice(arrived.End);

        if (_missing > 0)
            return false;

        EndFrame();
        if (_inMessage)
            return false;

        received = new Received(ReceivedKind.Message, _type, EndOfMessage: true, DeliverCollected());
        return true;
    }

    /// <summary>What was collected now belongs to the application, until the next is delivered or it is released.</summary>
    private ReadOnlySequence<byte> DeliverCollected()
    {
        ReleaseDelivered();
        (_collected, _delivered) = (_delivered, _collected);
        return _delivered!.Bytes; // Called when something has been collected.
    }

    private long LimitOf(bool streaming) => streaming ? _limits.MaxStreamedMessageSize : _limits.MaxMessageSize;

    private long LimitOnWire => _isEncoded ? EncodedLimit(LimitOf(_streaming)) : LimitOf(_streaming);

    /// <summary>Who asked for the message as it comes has given up before there was anything of it, and now it is asked for whole.</summary>
    private void DeliverWhole()
    {
        _streaming = false;
        if (_messageLength > LimitOnWire)
            throw TooBig();
    }

    private bool TryReceivePart(ref ReadOnlySequence<byte> input, out Received received)
    {
        received = default;
        var arrived = TakeArrived(input);
        input = input.Slice(arrived.End);

        if (_missing == 0)
            EndFrame();

        if (arrived.IsEmpty && _inMessage)
            return false;

        _isPartDelivered = true;
        received = new Received(ReceivedKind.MessagePart, _type, EndOfMessage: !_inMessage, arrived);
        return true;
    }

    private bool Discard(ref ReadOnlySequence<byte> input)
    {
        _collected?.Return();
        var arrived = Math.Min(input.Length, _retained + _missing);
        input = input.Slice(arrived);
        (_missing, _retained) = (_retained + _missing - arrived, 0);

        if (_missing == 0)
        {
            _inFrame = false;
            _inMessage = !_frame.Fin;
        }

        return false;
    }

    /// <summary>Unmasks and validates what <paramref name="input"/> holds of the current frame's payload.</summary>
    private ReadOnlySequence<byte> TakeArrived(in ReadOnlySequence<byte> input)
    {
        if (_type != MessageType.Text)
            return UnmaskArrived(input);

        // §8.1: what is not valid UTF-8 fails the connection, here at the first byte that can't be, in mid-frame too.
        var arrived = CutArrived(input);
        if (!_utf8.TryUnmask(arrived, ref _maskingKey))
            throw NotUtf8();

        return arrived;
    }

    private ReadOnlySequence<byte> UnmaskArrived(in ReadOnlySequence<byte> input)
    {
        var arrived = CutArrived(input);
        _maskingKey = Masking.Unmask(arrived, _maskingKey);
        return arrived;
    }

    private ReadOnlySequence<byte> CutArrived(in ReadOnlySequence<byte> input)
    {
        var arrived = input.Length > _missing ? input.Slice(0, _missing) : input;
        _missing -= arrived.Length;
        return arrived;
    }

    private void EndFrame()
    {
        _inFrame = false;
        if (!_frame.Fin)
            return;

        _inMessage = false;
        if (_type == MessageType.Text && !_utf8.IsAtBoundary)
            throw CutText();
    }

    private static ProtocolViolationException NotUtf8() => new(CloseCode.InvalidPayloadData, "the text is not valid UTF-8");

    private static ProtocolViolationException CutText() => new(CloseCode.InvalidPayloadData, "the text ends inside a character");
}
