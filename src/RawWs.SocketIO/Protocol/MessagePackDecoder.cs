using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawWs.SocketIO.Protocol;

/// <summary>Reads packets as <c>socket.io-msgpack-parser</c> writes them, each in a binary message: what comes out is what the same packet in JSON would be.</summary>
/// <param name="limits">How much may be in a packet.</param>
internal sealed class MessagePackDecoder(PacketLimits limits) : IPacketDecoder
{
    private const string Invalid = "invalid payload";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <inheritdoc/>
    public Packet? Add(ReadOnlyMemory<byte> data, bool isBinary)
    {
        if (!isBinary)
            throw new PacketException("got plaintext data instead of MessagePack");

        if (data.Length > limits.MaxPacketSize)
            throw new PacketException("the packet is too large");

        var payload = new ArrayBufferWriter<byte>();
        var attachments = new List<ReadOnlyMemory<byte>>();
        var packet = ReadMap(data.Span, payload, attachments);
        if (packet.Type > PacketType.ConnectError)
            throw new PacketException("unknown packet type");

        // Unlike in JSON an event or ack always has its values.
        if (payload.WrittenCount == 0 && packet.Type is PacketType.Event or PacketType.Ack)
            throw new PacketException(Invalid);

        var (name, values) = PacketReader.ReadPayload(packet.Type, payload.WrittenMemory, attachments.Count, limits);
        return packet with { Payload = payload.WrittenMemory, AttachmentCount = attachments.Count, Attachments = attachments, EventName = name, Values = values };
    }

    private Packet ReadMap(ReadOnlySpan<byte> data, ArrayBufferWriter<byte> payload, List<ReadOnlyMemory<byte>> attachments)
    {
        var reader = new MessagePackReader(data, limits.MaxJsonDepth);
        ulong? type = null;
        ulong? id = null;
        string? nsp = null;
        for (var count = reader.ReadMapHeader(); count > 0; count--)
        {
            var key = reader.ReadUtf8();
            if (key.SequenceEqual("type"u8) && type is null)
            {
                type = reader.ReadUnsigned();
            }
            else if (key.SequenceEqual("nsp"u8) && nsp is null)
            {
                nsp = ReadNamespace(ref reader);
            }
            else if (key.SequenceEqual("id"u8) && id is null && !reader.IsNothing)
            {
                id = reader.ReadUnsigned();
            }
            else if (key.SequenceEqual("data"u8) && payload.WrittenCount == 0 && !reader.IsNothing)
            {
                using var writer = new Utf8JsonWriter(payload, Writing);
                reader.ReadAsJson(writer, attachments, limits.MaxAttachmentCount);
            }
            else
            {
                // Clients add their own, such as "options".
                reader.Skip();
            }
        }

        return !reader.IsAtEnd || type is null || nsp is null
            ? throw new PacketException(Invalid)
            : new Packet { Type = (PacketType)Math.Min(type.Value, byte.MaxValue), Namespace = nsp, Id = id };
    }

    private static string ReadNamespace(ref MessagePackReader reader)
    {
        var utf8 = reader.ReadUtf8();
        return utf8.StartsWith("/"u8) ? System.Text.Encoding.UTF8.GetString(utf8) : throw new PacketException(Invalid);
    }
}
