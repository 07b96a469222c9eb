using System.Buffers;
using System.Text;
using System.Text.Unicode;
using RawWs.Protocol;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    private const int StreamPieceSize = 16 * 1024;

    /// <summary>Sends a text message. A surrogate without its other half is sent as U+FFFD, as browsers do.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default) => SendAsync(text, SendFlags.None, cancellationToken);

    /// <summary>Sends a text message. A surrogate without its other half is sent as U+FFFD, as browsers do.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, SendFlags, CancellationToken)"/>
    public ValueTask SendAsync(string text, SendFlags flags, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, rented);
        return SendRentedAsync(rented, length, flags, cancellationToken);
    }

    /// <summary>Sends a message. Messages arrive in the order of these calls.</summary>
    /// <param name="payload">The application data. It must not change before the task has completed.</param>
    /// <param name="type">Text, which must be valid UTF-8, or binary.</param>
    /// <param name="cancellationToken">Gives up waiting for the messages before this one; a message that has begun is sent to its end.</param>
    /// <returns>
    /// A task that completes when the network has taken the message: at once, unless the peer reads more slowly than we send. It is bounded by
    /// <see cref="WebSocketServerOptions.WriteTimeout"/>, after which the connection is aborted.
    /// </returns>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    /// <exception cref="ArgumentException">The text is not valid UTF-8, or the type is neither text nor binary.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, MessageType type = MessageType.Binary, CancellationToken cancellationToken = default)
        => SendAsync(payload, type, SendFlags.None, cancellationToken);

    /// <summary>Sends a message in its own way, where <paramref name="flags"/> says so. Messages arrive in the order of these calls.</summary>
    /// <param name="payload">The application data. It must not change before the task has completed.</param>
    /// <param name="type">Text, which must be valid UTF-8, or binary.</param>
    /// <param name="flags">How this message is sent, where it differs from others.</param>
    /// <param name="cancellationToken">Gives up waiting for the messages before this one; a message that has begun is sent to its end.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)" path="/returns|/exception"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, MessageType type, SendFlags flags, CancellationToken cancellationToken = default)
    {
        if (type == MessageType.Text && !Utf8.IsValid(payload.Span))
            throw new ArgumentException("A text message is valid UTF-8; send other bytes as binary.", nameof(payload));

        return _sender.SendAsync(OpcodeOf(type), new ReadOnlySequence<byte>(payload), flags, cancellationToken);
    }

    /// <summary>Sends a message that was received, here or on another connection, as it is. It must stay borrowed until the task has completed.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)" path="/param|/returns|/exception"/>
    public ValueTask SendAsync(WebSocketMessage message, CancellationToken cancellationToken = default)
        => _sender.SendAsync(OpcodeOf(message.Type), message.Payload, SendFlags.None, cancellationToken);

    /// <summary>
    /// Sends everything that can be read from <paramref name="source"/> as one message, in fragments as it comes. Other messages wait until it
    /// is sent; control frames go between its fragments. It is not compressed. If the source fails after the first fragment, the connection is closed with 1011: a
    /// message that was begun can't be taken back.
    /// </summary>
    /// <param name="source">Where the payload comes from. Read to its end, not disposed.</param>
    /// <param name="type">Text, which must be valid UTF-8, or binary.</param>
    /// <param name="cancellationToken">Ends waiting and reading; after the first fragment it closes the connection, like a failure.</param>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    /// <exception cref="InvalidDataException">The text is not valid UTF-8.</exception>
    public async ValueTask SendAsync(Stream source, MessageType type = MessageType.Binary, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var opcode = OpcodeOf(type);

        await _sender.BeginMessageAsync(cancellationToken).ConfigureAwait(false);
        var rented = ArrayPool<byte>.Shared.Rent(StreamPieceSize);
        var isWhole = true;
        try
        {
            var utf8 = default(Utf8Validator);
            int length;
            do
            {
                length = await source.ReadAsync(rented, cancellationToken).ConfigureAwait(false);
                if (type == MessageType.Text && (!utf8.TryAppend(rented.AsSpan(0, length)) || (length == 0 && !utf8.IsAtBoundary)))
                    throw new InvalidDataException("A text message is valid UTF-8; send other bytes as binary.");

                isWhole = false;
                await _sender.SendFragmentAsync(opcode, fin: length == 0, rented.AsMemory(0, length)).ConfigureAwait(false);
                opcode = Opcode.Continuation;
            }
            while (length > 0);

            isWhole = true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            if (!isWhole)
                OnViolation(CloseCode.InternalError, "a message could not be sent to its end");

            await _sender.EndMessageAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask SendRentedAsync(byte[] rented, int length, SendFlags flags, CancellationToken cancellationToken)
    {
        try
        {
            await _sender.SendAsync(Opcode.Text, new ReadOnlySequence<byte>(rented, 0, length), flags, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static Opcode OpcodeOf(MessageType type) => type switch
    {
        MessageType.Text => Opcode.Text,
        MessageType.Binary => Opcode.Binary,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary."),
    };
}
