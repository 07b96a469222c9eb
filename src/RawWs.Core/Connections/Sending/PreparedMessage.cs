using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using RawWs.Compression;
using RawWs.Connections;
using RawWs.Protocol;

namespace RawWs;

/// <summary>
/// A message that is encoded once and sent to many, or many times. What compression costs is paid once as well, for each window size that clients have
/// agreed on, when the first of them is sent it.
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

    // By window size. The lock is held while a variant is made, so that it is made once; most messages never need it.
    private Lock? _gate;
    private EncodedFrame?[]? _compressed;

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
            _compressed ??= new EncodedFrame?[DeflateParameters.MaxWindowBits + 1];
            ref var variant = ref _compressed[deflater.WindowBits];
            if (variant is null && deflater.TryCompressAlone(new ReadOnlySequence<byte>(_plain.Payload), out var compressed))
                variant = compressed is { } smaller ? Encode(smaller) : _plain;

            return variant ?? _plain;
        }
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
}
