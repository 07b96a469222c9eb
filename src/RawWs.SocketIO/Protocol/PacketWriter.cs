using System.Buffers;
using System.Globalization;
using System.Text;

namespace RawWs.SocketIO.Protocol;

/// <summary>Encodes Socket.IO packets, each as the text of an Engine.IO message.</summary>
internal static class PacketWriter
{
    /// <summary>Encodes a packet: an event or ack as a binary one if there are attachments.</summary>
    /// <param name="type">Its type; of the binary ones neither.</param>
    /// <param name="nsp">Its namespace.</param>
    /// <param name="id">The id of the answer, null if none is wanted.</param>
    /// <param name="payload">Its payload as JSON, empty if it has none.</param>
    /// <param name="attachments">What the placeholders stand for.</param>
    /// <param name="isCompressible">Whether it may be compressed on its way.</param>
    public static EncodedPacket Encode(
        PacketType type, string nsp, ulong? id, ReadOnlySpan<byte> payload, IReadOnlyList<ReadOnlyMemory<byte>> attachments, bool isCompressible = true)
    {
        if (attachments.Count > 0)
            type = type == PacketType.Event ? PacketType.BinaryEvent : PacketType.BinaryAck;

        var text = Text(type, nsp, id, payload, attachments.Count);
        return new EncodedPacket(text, attachments.Count == 0 ? [] : [.. attachments.Select(bytes => PreparedMessage.FromBytes(bytes.Span))]) { IsCompressible = isCompressible };
    }

    private static PreparedMessage Text(PacketType type, string nsp, ulong? id, ReadOnlySpan<byte> payload, int attachmentCount)
    {
        var text = new ArrayBufferWriter<byte>(64 + nsp.Length + payload.Length);
        text.Write([(byte)('0' + (byte)EnginePacketType.Message), (byte)('0' + (byte)type)]);
        if (attachmentCount > 0)
        {
            Write(text, attachmentCount);
            text.Write("-"u8);
        }

        if (nsp != Packet.MainNamespace)
        {
            Encoding.UTF8.GetBytes(nsp, text);
            text.Write(","u8);
        }

        if (id is { } number)
            Write(text, number);

        text.Write(payload);
        return PreparedMessage.FromBytes(text.WrittenSpan, MessageType.Text);
    }

    private static void Write<T>(ArrayBufferWriter<byte> text, T number)
        where T : IUtf8SpanFormattable
    {
        const int MaxDigitCount = 20;
        number.TryFormat(text.GetSpan(MaxDigitCount), out var written, default, CultureInfo.InvariantCulture);
        text.Advance(written);
    }
}
