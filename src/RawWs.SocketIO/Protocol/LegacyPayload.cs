using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RawWs.SocketIO.Protocol;

/// <summary>The polling bodies of protocol 3, which has two forms.</summary>
/// <remarks>
/// As text: <c>length ":" packet</c>, again and again; the length counts UTF-16 code units, as JavaScript does. As bytes: 00 for text or 01 for binary, the length in bytes as one byte for each
/// of its decimal digits, FF, and the packet; again and again.
/// </remarks>
internal static class LegacyPayload
{
    private const byte TextMark = 0, BinaryMark = 1, LengthEnd = 0xFF;

    // More than any body has, and no overflow.
    private const int MaxLengthDigits = 9;

    /// <summary>Encodes packets: as bytes if there are any and the client takes them, otherwise as text.</summary>
    public static PollingBody Encode(IReadOnlyList<EncodedPacket> packets, PacketFormat format)
    {
        var isBinary = false;
        var messages = new List<PreparedMessage>();
        foreach (var packet in packets)
        {
            var some = packet.MessagesFor(format);
            messages.AddRange(some);
            isBinary |= some.Any(message => message.Type == MessageType.Binary);
        }

        var body = new ArrayBufferWriter<byte>();
        foreach (var message in messages)
        {
            if (isBinary)
                WriteBinary(body, message);
            else
                Write(body, message);
        }

        return new PollingBody(body.WrittenMemory, isBinary, packets.Any(packet => packet.IsCompressible));
    }

    /// <summary>Reads the first packet of a text, and moves <paramref name="body"/> past it.</summary>
    /// <param name="body">What is left of the body; null behind its last packet.</param>
    /// <exception cref="PacketException">It begins with no packet.</exception>
    public static EnginePacket ReadFirst(ref ReadOnlyMemory<byte>? body)
    {
        var rest = body ?? throw new ArgumentNullException(nameof(body));
        var colon = rest.Span.IndexOf((byte)':');
        if (colon is < 1 or > MaxLengthDigits || rest.Span[..colon].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            throw new PacketException("the packet has no length");

        var unitCount = int.Parse(rest.Span[..colon], NumberStyles.None, CultureInfo.InvariantCulture);
        rest = rest[(colon + 1)..];
        return Take(ref body, rest, ByteCountOf(rest.Span, unitCount));
    }

    /// <summary>Reads the first packet of bytes, and moves <paramref name="body"/> past it.</summary>
    /// <inheritdoc cref="ReadFirst"/>
    public static EnginePacket ReadFirstBinary(ref ReadOnlyMemory<byte>? body)
    {
        var rest = body ?? throw new ArgumentNullException(nameof(body));
        var end = rest.Span.IndexOf(LengthEnd);
        if (end is < 2 or > MaxLengthDigits + 1 || rest.Span[0] > BinaryMark || rest.Span[1..end].ContainsAnyExceptInRange((byte)0, (byte)9))
            throw new PacketException("the packet has no length");

        var isText = rest.Span[0] == TextMark;
        var length = 0;
        foreach (var digit in rest.Span[1..end])
            length = (length * 10) + digit;

        rest = rest[(end + 1)..];
        if (length > rest.Length)
            throw new PacketException("the packet is cut short");

        if (isText && !Utf8.IsValid(rest.Span[..length]))
            throw new PacketException("the packet is not valid UTF-8");

        return Take(ref body, rest, length, isText);
    }

    private static EnginePacket Take(ref ReadOnlyMemory<byte>? body, ReadOnlyMemory<byte> rest, int length, bool isText = true)
    {
        var packet = rest[..length];

        // A null without its type would be an empty memory here.
        body = length == rest.Length ? default(ReadOnlyMemory<byte>?) : rest[length..];
        if (!isText)
            return EnginePacket.ReadLegacyBinary(packet);

        // A client with nothing to say sends "0:".
        return packet.IsEmpty ? new EnginePacket(EnginePacketType.Noop, packet) : EnginePacket.Read(packet, isLegacy: true);
    }

    /// <summary>How many bytes hold so many UTF-16 code units.</summary>
    private static int ByteCountOf(ReadOnlySpan<byte> text, int unitCount)
    {
        if (unitCount <= text.Length && Ascii.IsValid(text[..unitCount]))
            return unitCount;

        var position = 0;
        for (var left = unitCount; left > 0;)
        {
            if (Rune.DecodeFromUtf8(text[position..], out var rune, out var byteCount) != OperationStatus.Done || rune.Utf16SequenceLength > left)
                throw new PacketException("the packet is cut short, or not valid UTF-8");

            position += byteCount;
            left -= rune.Utf16SequenceLength;
        }

        return position;
    }

    private static void Write(ArrayBufferWriter<byte> body, PreparedMessage message)
    {
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetCharCount(message.Payload.Span)}:"), body);
        body.Write(message.Payload.Span);
    }

    private static void WriteBinary(ArrayBufferWriter<byte> body, PreparedMessage message)
    {
        body.Write([message.Type == MessageType.Text ? TextMark : BinaryMark]);
        foreach (var digit in message.Payload.Length.ToString(CultureInfo.InvariantCulture))
            body.Write([(byte)(digit - '0')]);

        body.Write([LengthEnd]);
        body.Write(message.Payload.Span);
    }
}
