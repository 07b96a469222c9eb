using System.Buffers.Text;

namespace RawWs.SocketIO.Protocol;

/// <summary>An Engine.IO packet, or a Socket.IO packet with its attachments, encoded once for whoever is sent it, over whatever transport.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class EncodedPacket
{
    private byte[]? _body;

    /// <summary>Wraps what is sent.</summary>
    /// <param name="text">The text message, with the digit of its Engine.IO type.</param>
    /// <param name="attachments">The binary messages behind it.</param>
    public EncodedPacket(PreparedMessage text, IReadOnlyList<PreparedMessage> attachments)
    {
        (Text, Attachments) = (text, attachments);
        BodyLength = text.Payload.Length;
        foreach (var attachment in attachments)
            BodyLength += 2 + Base64.GetMaxEncodedToUtf8Length(attachment.Payload.Length);
    }

    /// <summary>What a WebSocket carries first.</summary>
    public PreparedMessage Text { get; }

    /// <summary>What a WebSocket carries behind it.</summary>
    public IReadOnlyList<PreparedMessage> Attachments { get; }

    /// <summary>Bytes of <see cref="Body"/>.</summary>
    public int BodyLength { get; }

    /// <summary>All of it as a polling body. Encoded when the first poll asks for it; two at once may both do so, and come to the same.</summary>
    public ReadOnlyMemory<byte> Body => Attachments.Count == 0 ? Text.Payload : _body ??= EncodeBody();

    /// <summary>An Engine.IO packet without data.</summary>
    public static EncodedPacket Control(EnginePacketType type)
        => new(PreparedMessage.FromBytes([(byte)('0' + (byte)type)], MessageType.Text), []);

    private byte[] EncodeBody()
    {
        var body = new byte[BodyLength];
        Text.Payload.CopyTo(body);
        var position = Text.Payload.Length;
        foreach (var attachment in Attachments)
        {
            body[position++] = EnginePacket.Separator;
            body[position++] = (byte)'b';
            Base64.EncodeToUtf8(attachment.Payload.Span, body.AsSpan(position), out _, out var written);
            position += written;
        }

        return body;
    }
}
