using System.Buffers;
using System.Text;
using RawWs.Protocol;

namespace RawWs;

/// <summary>
/// A message that was received whole. Its memory is borrowed from the connection's receive buffer: it is valid until the next message is
/// asked for, or the session ends. Copy what you keep.
/// </summary>
public readonly struct WebSocketMessage
{
    internal WebSocketMessage(MessageType type, ReadOnlySequence<byte> payload) => (Type, Payload) = (type, payload);

    internal WebSocketMessage(in Received received)
        : this(received.Type, received.Payload) => IsBehindHeader = received.IsBehindHeader;

    /// <summary>Whether it is text or binary.</summary>
    public MessageType Type { get; }

    /// <summary>
    /// The application data: valid UTF-8 if it is text. Mostly one contiguous piece; several if a large message arrived in several.
    /// </summary>
    public ReadOnlySequence<byte> Payload { get; }

    /// <inheritdoc cref="Received.IsBehindHeader"/>
    internal bool IsBehindHeader { get; }

    /// <summary>The length of the payload in bytes.</summary>
    public int Length => (int)Payload.Length;

    /// <summary>The payload as a string of its own.</summary>
    /// <exception cref="InvalidOperationException">The message is binary.</exception>
    public string GetText() => Type == MessageType.Text
        ? Encoding.UTF8.GetString(Payload)
        : throw new InvalidOperationException("The message is binary; read its Payload, or check Type first.");

    /// <summary>A copy of the payload.</summary>
    public byte[] ToArray() => Payload.ToArray();
}
