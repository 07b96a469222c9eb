using System.Buffers.Text;

namespace RawWs.SocketIO.Protocol;

// The messages in the forms that few clients ask for, each made when the first one does.
internal sealed partial class EncodedPacket
{
    private IReadOnlyList<PreparedMessage>?[]? _others;

    /// <summary>What a WebSocket of a client carries, and what stands in a polling body of protocol 3. Two at once may both make it, and come to the same.</summary>
    public IReadOnlyList<PreparedMessage> MessagesFor(PacketFormat format)
    {
        if (format == PacketFormat.Usual)
            return [First, .. Attachments];

        ref var messages = ref (_others ??= new IReadOnlyList<PreparedMessage>?[3])[format switch { { IsLegacy: false } => 0, { TakesBinary: false } => 1, _ => 2 }];
        return messages ??= [.. ((IEnumerable<PreparedMessage>)[First, .. Attachments]).Select(message => message.Type == MessageType.Text ? message : Convert(message, format))];
    }

    private static PreparedMessage Convert(PreparedMessage binary, PacketFormat format)
    {
        if (format.TakesBinary)
            return PreparedMessage.FromBytes([(byte)EnginePacketType.Message, .. binary.Payload.Span]);

        var mark = format.IsLegacy ? "b4"u8 : "b"u8;
        var text = new byte[mark.Length + Base64.GetMaxEncodedToUtf8Length(binary.Payload.Length)];
        mark.CopyTo(text);
        Base64.EncodeToUtf8(binary.Payload.Span, text.AsSpan(mark.Length), out _, out _);
        return PreparedMessage.FromBytes(text, MessageType.Text);
    }
}
