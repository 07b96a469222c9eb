using System.Buffers.Text;

namespace RawWs.SocketIO.Protocol;

/// <summary>An Engine.IO packet, or a Socket.IO packet with its attachments, encoded once for whoever is sent it, over whatever transport.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed partial class EncodedPacket
{
    private byte[]? _body;

    /// <summary>Wraps what is sent.</summary>
    /// <param name="first">The text message, with the digit of its Engine.IO type; or a binary one.</param>
    /// <param name="attachments">The binary messages behind it.</param>
    public EncodedPacket(PreparedMessage first, IReadOnlyList<PreparedMessage> attachments)
    {
        (First, Attachments) = (first, attachments);
        BodyLength = first.Type == MessageType.Text ? first.Payload.Length : 1 + Base64.GetMaxEncodedToUtf8Length(first.Payload.Length);
        foreach (var attachment in attachments)
            BodyLength += 2 + Base64.GetMaxEncodedToUtf8Length(attachment.Payload.Length);
    }

    /// <summary>What a WebSocket carries first.</summary>
    public PreparedMessage First { get; }

    /// <summary>What a WebSocket carries behind it.</summary>
    public IReadOnlyList<PreparedMessage> Attachments { get; }

    /// <summary>Whether it may be compressed on its way. Default true.</summary>
    public bool IsCompressible { get; init; } = true;

    /// <summary>Bytes of <see cref="Body"/>.</summary>
    public int BodyLength { get; }

    /// <summary>All of it as a polling body. Encoded when the first poll asks for it; two at once may both do so, and come to the same.</summary>
    public ReadOnlyMemory<byte> Body => Attachments.Count == 0 && First.Type == MessageType.Text ? First.Payload : _body ??= EncodeBody();

    /// <summary>An Engine.IO packet without data.</summary>
    public static EncodedPacket Control(EnginePacketType type)
        => new(PreparedMessage.FromBytes([(byte)('0' + (byte)type)], MessageType.Text), []);

    private byte[] EncodeBody()
    {
        var body = new byte[BodyLength];
        var position = 0;
        Append(First, body, ref position);
        foreach (var attachment in Attachments)
        {
            body[position++] = EnginePacket.Separator;
            Append(attachment, body, ref position);
        }

        return body;
    }

    private static void Append(PreparedMessage message, byte[] body, ref int position)
    {
        if (message.Type == MessageType.Text)
        {
            message.Payload.Span.CopyTo(body.AsSpan(position));
            position += message.Payload.Length;
            return;
        }

        body[position++] = (byte)'b';
        Base64.EncodeToUtf8(message.Payload.Span, body.AsSpan(position), out _, out var written);
        position += written;
    }
}
