using System.Buffers;
using System.Text.Json;

namespace RawWs.SocketIO.Protocol;

/// <summary>Encodes packets as <c>socket.io-msgpack-parser</c> does: a map of <c>type</c>, <c>data</c>, <c>nsp</c> and <c>id</c>, in one binary message.</summary>
internal static class MessagePackPacketWriter
{
    /// <inheritdoc cref="PacketWriter.Encode"/>
    public static EncodedPacket Encode(
        PacketType type, string nsp, ulong? id, ReadOnlySpan<byte> payload, IReadOnlyList<ReadOnlyMemory<byte>> attachments, bool isCompressible)
    {
        var output = new ArrayBufferWriter<byte>(64 + nsp.Length + payload.Length);
        var writer = new MessagePackWriter(output);
        writer.WriteMapHeader(2 + (payload.IsEmpty ? 0 : 1) + (id is null ? 0 : 1));
        writer.WriteString("type"u8);
        writer.WriteInteger((ulong)type);
        if (!payload.IsEmpty)
        {
            writer.WriteString("data"u8);
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = int.MaxValue });
            writer.WriteJson(JsonElement.ParseValue(ref reader), attachments);
        }

        writer.WriteString("nsp"u8);
        writer.WriteString(nsp);
        if (id is { } number)
        {
            writer.WriteString("id"u8);
            writer.WriteInteger(number);
        }

        return new EncodedPacket(PreparedMessage.FromBytes(output.WrittenSpan), []) { IsCompressible = isCompressible };
    }
}
