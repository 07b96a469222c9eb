using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using RawWs.Compression;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>One <see cref="MessageAssembler"/> and the bytes that it is given; watches over it at every call.</summary>
internal sealed class AssemblerRun : IDisposable
{
    // Of PayloadBuffer, and of the room that the assembler decodes into.
    private const int SmallestRental = 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Shared, as a server shares them: what one message leaves behind must not be seen by the next.
    private static readonly DeflateStates States = new(level: 1, maxMemory: 1 << 30, static () => { });

    private readonly MessageInflater? _inflater;
    private readonly MessageAssembler _assembler;
    private readonly AssemblerSetup _setup;
    private readonly ReceiveBuffer _buffer;
    private readonly List<AssemblerEvent> _events = [];
    private readonly List<byte> _parts = [];

    private AssemblerRun(AssemblerSetup setup, byte[] wire, bool areSegments)
    {
        _setup = setup;
        _inflater = setup.Deflate is { } deflate ? new MessageInflater(States, deflate) : null;
        _assembler = new MessageAssembler(setup.Limits, _inflater) { Streaming = setup.Streaming };
        _buffer = new ReceiveBuffer(wire, areSegments);
    }

    /// <summary>Feeds <paramref name="wire"/> as it arrives.</summary>
    /// <returns>What was delivered; a violation is the last of it.</returns>
    public static List<AssemblerEvent> Of(AssemblerSetup setup, byte[] wire, Arrivals arrivals)
    {
        using var run = new AssemblerRun(setup, wire, arrivals.AreSegments);
        try
        {
            foreach (var end in arrivals.Ends)
                run.Receive(end);
        }
        catch (ProtocolViolationException violation)
        {
            FindingException.ThrowUnless(violation.Code.IsAllowedOnWire, $"the code must not be sent: {violation.Code}");
            run._events.Add(new AssemblerEvent(null, default, [], (int)violation.Code));
            return run._events;
        }

        // What has come of a streamed message is part of the outcome, unless it failed: how much was delivered before depends on the pieces.
        if (run._parts.Count > 0)
            run._events.Add(new AssemblerEvent(ReceivedKind.MessagePart, default, [.. run._parts], 0));

        return run._events;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _assembler.Dispose();
        _inflater?.Dispose();
    }

    private void Receive(int end)
    {
        var unread = new UnreadBytes(_buffer.Receive(end));
        while (true)
        {
            var before = unread.Length;
            var isControlNext = _assembler.IsControlNext(unread.Sequence);
            var isReceived = _assembler.TryReceive(ref unread, out var received);

            FindingException.ThrowUnless(unread.Length <= before, "it moved backwards");
            if (!isReceived)
                break;

            // A compressed message may have more parts to deliver than it has bytes left.
            var isProgress = unread.Length < before || (_setup.Deflate is not null && received.Kind is ReceivedKind.MessagePart && !received.Payload.IsEmpty);
            FindingException.ThrowUnless(isProgress, "it delivered something without progress");
            FindingException.ThrowUnless(isControlNext is not null, "it delivered something where nothing could be seen");
            FindingException.ThrowUnless(isControlNext is false || IsControl(received.Kind), "it delivered something else than the control frame that was next");

            Add(received);
            _buffer.Release(unread.Sequence);
            CheckRetained();
        }

        _buffer.Release(unread.Sequence);
        CheckRetained();
        FindingException.ThrowUnless(
            _buffer.Kept <= _setup.LongestKept, $"it keeps more input than a message may have: {_buffer.Kept} of at most {_setup.LongestKept} bytes");
    }

    private void Add(in Received received)
    {
        if (received.Kind is ReceivedKind.MessagePart)
        {
            FindingException.ThrowUnless(_setup.Streaming, "it delivered a part of a message that was to be whole");
            _parts.AddRange(received.Payload.ToArray());
            FindingException.ThrowUnless(_parts.Count <= _setup.Limits.MaxStreamedMessageSize, "a streamed message is larger than its limit");
            if (!received.EndOfMessage)
                return;

            Add(new AssemblerEvent(received.Kind, received.Type, [.. _parts], 0));
            _parts.Clear();
            return;
        }

        FindingException.ThrowUnless(received.EndOfMessage, "what is no part does not end its message");
        FindingException.ThrowUnless(!_setup.Streaming || IsControl(received.Kind), "it delivered a whole message where parts were asked for");
        Add(new AssemblerEvent(received.Kind, received.Type, received.Payload.ToArray(), 0));
    }

    private void Add(AssemblerEvent happened)
    {
        if (IsControl(happened.Kind!.Value))
        {
            FindingException.ThrowUnless(happened.Payload.Length <= 125, "a control frame has more than 125 bytes");
        }
        else
        {
            FindingException.ThrowUnless(!_assembler.Discarding, "it delivered a message that was to be discarded");
            FindingException.ThrowUnless(_setup.Streaming || happened.Payload.Length <= _setup.Limits.MaxMessageSize, "a message is larger than its limit");
            FindingException.ThrowUnless(happened.Type is MessageType.Binary || IsUtf8(happened.Payload), "a text is not valid UTF-8");
        }

        _events.Add(happened);

        // Between two events of a whole message the state is the same in any segmentation.
        if (_events.Count == _setup.DiscardAfter)
            _assembler.Discarding = true;
    }

    // What is rented follows what has come, not what was announced, and never exceeds what the limits allow (doubled, for that is how it grows).
    private void CheckRetained()
    {
        foreach (var buffer in AssemblerMemory.Of(_assembler))
        {
            if (!SequenceMarshal.TryGetArray(buffer.Bytes, out var array) || array.Array is not { } rented)
                continue;

            // DEFLATE makes at most 1032 bytes of one.
            var arrived = (_buffer.Consumed + _buffer.Kept) * (_setup.Deflate is null ? 1L : 1032);
            var most = SmallestRental + 4 * Math.Min(arrived, _setup.MostCollected);
            FindingException.ThrowUnless(rented.Length <= most, $"it holds more memory than it received: {rented.Length} of at most {most} bytes");
        }
    }

    private static bool IsControl(ReceivedKind kind) => kind is ReceivedKind.Ping or ReceivedKind.Pong or ReceivedKind.Close;

    private static bool IsUtf8(byte[] payload)
    {
        try
        {
            StrictUtf8.GetCharCount(payload);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
