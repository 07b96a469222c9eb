using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawWs.SocketIO.Protocol;

/// <summary>Reads a Socket.IO packet up to its attachments.</summary>
/// <remarks><c>type [attachments "-"] [namespace ","] [ack id] [JSON payload]</c></remarks>
internal static class PacketReader
{
    private const string Invalid = "invalid payload";

    /// <summary>Reads a packet.</summary>
    /// <param name="text">Valid UTF-8, which the packet owns from now on.</param>
    /// <param name="limits">How much may be in it.</param>
    /// <exception cref="PacketException">It is none, or too large.</exception>
    public static Packet Read(ReadOnlyMemory<byte> text, PacketLimits limits)
    {
        if (text.Length > limits.MaxPacketSize)
            throw new PacketException("the packet is too large");

        if (text.IsEmpty || text.Span[0] is not (>= (byte)'0' and <= (byte)'6'))
            throw new PacketException("unknown packet type");

        var type = (PacketType)(text.Span[0] - (byte)'0');
        var rest = text[1..];
        var attachmentCount = type is PacketType.BinaryEvent or PacketType.BinaryAck ? ReadAttachmentCount(ref rest, limits) : 0;
        var nsp = ReadNamespace(ref rest);
        var id = ReadId(ref rest);
        if (HalfSurrogates.ReplaceInJson(rest.Span) is { } replaced)
            rest = replaced;

        var (name, values) = ReadPayload(type, rest, attachmentCount, limits);
        return new Packet { Type = type, AttachmentCount = attachmentCount, Namespace = nsp, Id = id, Payload = rest, EventName = name, Values = values };
    }

    /// <summary>Checks the payload of a packet against its type, and takes it apart. There is no half of a surrogate pair in it.</summary>
    /// <returns>The name of an event, and what follows it; all values of an ack. Of other packets nothing.</returns>
    /// <exception cref="PacketException">It is no payload of this type.</exception>
    public static (string EventName, IReadOnlyList<ReadOnlyMemory<byte>> Values) ReadPayload(
        PacketType type, ReadOnlyMemory<byte> payload, int attachmentCount, PacketLimits limits)
    {
        try
        {
            switch (type)
            {
                case PacketType.Connect when !payload.IsEmpty && !IsObject(payload, limits):
                case PacketType.Disconnect when !payload.IsEmpty:
                    throw new PacketException(Invalid);

                case PacketType.Connect or PacketType.Disconnect:
                case PacketType.Event or PacketType.Ack when payload.IsEmpty:
                // No client sends one; that it may not is said by whoever knows who sent it.
                case PacketType.ConnectError:
                    return ("", []);

                case PacketType.Event or PacketType.BinaryEvent:
                    return ReadEvent(payload, attachmentCount, limits);

                default:
                    return ("", JsonValues.Split(payload, attachmentCount, limits));
            }
        }
        catch (JsonException)
        {
            throw new PacketException(Invalid);
        }
    }

    private static int ReadAttachmentCount(ref ReadOnlyMemory<byte> rest, PacketLimits limits)
    {
        var end = rest.Span.IndexOf((byte)'-');
        if (end < 1 || !uint.TryParse(rest.Span[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            throw new PacketException("Illegal attachments");

        if (count > limits.MaxAttachmentCount)
            throw new PacketException("too many attachments");

        rest = rest[(end + 1)..];
        return (int)count;
    }

    private static string ReadNamespace(ref ReadOnlyMemory<byte> rest)
    {
        if (rest.IsEmpty || rest.Span[0] != (byte)'/')
            return Packet.MainNamespace;

        var end = rest.Span.IndexOf((byte)',');
        var name = Encoding.UTF8.GetString(end < 0 ? rest.Span : rest.Span[..end]);
        rest = end < 0 ? default : rest[(end + 1)..];
        return name;
    }

    private static ulong? ReadId(ref ReadOnlyMemory<byte> rest)
    {
        var length = rest.Span.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (length < 0)
            length = rest.Length;

        if (length == 0)
            return null;

        if (!ulong.TryParse(rest.Span[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw new PacketException(Invalid);

        rest = rest[length..];
        return id;
    }

    private static (string EventName, IReadOnlyList<ReadOnlyMemory<byte>> Values) ReadEvent(ReadOnlyMemory<byte> payload, int attachmentCount, PacketLimits limits)
    {
        var values = JsonValues.Split(payload, attachmentCount, limits);
        if (values.Count == 0)
            throw new PacketException(Invalid);

        var reader = new Utf8JsonReader(values[0].Span);
        reader.Read();
        var name = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!, // A string token has one.
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => throw new PacketException(Invalid),
        };
        if (ReservedNames.Contains(name))
            throw new PacketException(Invalid);

        values.RemoveAt(0);
        return (name, values);
    }

    private static bool IsObject(ReadOnlyMemory<byte> payload, PacketLimits limits)
    {
        var reader = JsonValues.ReaderOf(payload, limits);
        reader.Read();
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        while (reader.Read())
        {
            // Only that it is JSON to its end.
        }

        return isObject;
    }
}
