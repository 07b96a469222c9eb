using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using RawWs.Compression;
using RawWs.Connections;
using RawWs.Protocol;

namespace RawWs;

/// <summary>
/// A message that is encoded once and sent to many, or many times. What compression costs is paid once as well, when the first client is sent it that has agreed on it: for the
/// largest window of all of them, and for the smallest, which serves those between.
/// </summary>
/// <remarks>Immutable, thread-safe, and independent of any server. It owns a copy of its payload, which the garbage collector takes back.</remarks>
/// <example><code>
/// var goodMorning = PreparedMessage.FromText("good morning");
/// server.Rooms["lobby"].Broadcast(goodMorning);
/// await connection.SendAsync(goodMorning);
/// </code></example>
public sealed class PreparedMessage
{
    private readonly EncodedFrame _plain;

    // The lock is held while a variant is made, so that it is made once; most messages never need it.
    private Lock? _gate;

    // Whatever windows clients ask for, two are kept: what refers back no further than the smallest allows is for all that are larger.
    private Variant? _largestWindow;
    private Variant? _smallestWindow;

    private PreparedMessage(EncodedFrame plain) => _plain = plain;

    /// <summary>Whether it is text or binary.</summary>
    public MessageType Type => _plain.Opcode == Opcode.Text ? MessageType.Text : MessageType.Binary;

    /// <summary>The application data.</summary>
    public ReadOnlyMemory<byte> Payload => _plain.Payload;

    /// <summary>Prepares a text message. A surrogate without its other half is sent as U+FFFD, as browsers do.</summary>
    public static PreparedMessage FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var frame = new EncodedFrame(Opcode.Text, Encoding.UTF8.GetByteCount(text), isCompressed: false);
        Encoding.UTF8.GetBytes(text, frame.Payload.Span);
        return new PreparedMessage(frame);
    }

    /// <summary>Prepares a message of bytes, which are copied.</summary>
    /// <param name="payload">The application data.</param>
    /// <param name="type">Text, which must be valid UTF-8, or binary.</param>
    /// <exception cref="ArgumentException">The text is not valid UTF-8, or the type is neither text nor binary.</exception>
    public static PreparedMessage FromBytes(ReadOnlySpan<byte> payload, MessageType type = MessageType.Binary)
    {
        if (type == MessageType.Text && !Utf8.IsValid(payload))
            throw new ArgumentException("A text message is valid UTF-8; prepare other bytes as binary.", nameof(payload));

        var frame = new EncodedFrame(type.ToOpcode(), payload.Length, isCompressed: false);
        payload.CopyTo(frame.Payload.Span);
        return new PreparedMessage(frame);
    }

    /// <summary>Prepares a copy of a message that was received, which must still be borrowed.</summary>
    public static PreparedMessage FromMessage(WebSocketMessage message)
    {
        var frame = new EncodedFrame(message.Type.ToOpcode(), message.Length, isCompressed: false);
        message.Payload.CopyTo(frame.Payload.Span);
        return new PreparedMessage(frame);
    }

    /// <summary>Prepares a text message, or none.</summary>
    /// <inheritdoc cref="FromText"/>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator PreparedMessage?(string? text) => text is null ? null : FromText(text);

    /// <inheritdoc cref="FromMessage"/>
    public static implicit operator PreparedMessage(WebSocketMessage message) => FromMessage(message);

    /// <summary>The frame for connections without compression.</summary>
    internal EncodedFrame Plain => _plain;

    /// <summary>
    /// The frame for connections that compress as <paramref name="deflater"/> does; the plain one if compressing would not make it smaller, or as long as there is no memory for it.
    /// </summary>
    internal EncodedFrame CompressedFor(MessageDeflater deflater)
    {
        lock (LazyInitializer.EnsureInitialized(ref _gate, static () => new Lock()))
        {
            if (Find_NeedsLock(deflater.WindowBits) is { } frame)
                return frame;

            if (!deflater.TryCompressAlone(new ReadOnlySequence<byte>(_plain.Payload), out var compressed))
                return _plain;

            frame = compressed is { } smaller ? Encode(smaller) : _plain;
            Keep_NeedsLock(new Variant(deflater.WindowBits, frame));
            return frame;
        }
    }

    private EncodedFrame? Find_NeedsLock(int windowBits)
    {
        if (_largestWindow?.WindowBits == windowBits)
            return _largestWindow.Frame;

        return _largestWindow?.WindowBits > windowBits && _smallestWindow?.WindowBits <= windowBits ? _smallestWindow.Frame : null;
    }

    private void Keep_NeedsLock(Variant made)
    {
        if (_largestWindow is null || made.WindowBits > _largestWindow.WindowBits)
            (_largestWindow, _smallestWindow) = (made, _smallestWindow ?? _largestWindow);
        else
            _smallestWindow = made;
    }

    private EncodedFrame Encode((byte[] Rented, int Length) smaller)
    {
        try
        {
            var frame = new EncodedFrame(_plain.Opcode, smaller.Length, isCompressed: true);
            smaller.Rented.AsSpan(0, smaller.Length).CopyTo(frame.Payload.Span);
            return frame;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(smaller.Rented);
        }
    }

    private sealed record Variant(int WindowBits, EncodedFrame Frame);
}
