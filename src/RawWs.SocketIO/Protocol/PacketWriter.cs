using System.Buffers;
using System.Globalization;
using System.Text;

namespace RawWs.SocketIO.Protocol;

/// <summary>Encodes Socket.IO packets, each as the text of an Engine.IO message.</summary>
internal static class PacketWriter
{
    // Two digits, two numbers of up to 20, and what stands between them.
    private const int MaxHeadLength = 64;

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
        // The message copies it.
        var text = ArrayPool<byte>.Shared.Rent(MaxHeadLength + Encoding.UTF8.GetMaxByteCount(nsp.Length) + payload.Length);
        try
        {
            var length = WriteHead(text, type, nsp, id, attachmentCount);
            payload.CopyTo(text.AsSpan(length));
            return PreparedMessage.FromBytes(text.AsSpan(0, length + payload.Length), MessageType.Text);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private static int WriteHead(Span<byte> text, PacketType type, string nsp, ulong? id, int attachmentCount)
    {
        text[0] = (byte)'0' + (byte)EnginePacketType.Message;
        text[1] = (byte)((byte)'0' + (byte)type);
        var length = 2;
        if (attachmentCount > 0)
        {
            length += Format(attachmentCount, text[length..]);
            text[length++] = (byte)'-';
        }

        if (nsp != Packet.MainNamespace)
        {
            length += Encoding.UTF8.GetBytes(nsp, text[length..]);
            text[length++] = (byte)',';
        }

        return id is { } number ? length + Format(number, text[length..]) : length;
    }

    private static int Format<T>(T number, Span<byte> text)
        where T : IUtf8SpanFormattable
    {
        number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }
}
