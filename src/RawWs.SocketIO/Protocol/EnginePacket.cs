using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;

namespace RawWs.SocketIO.Protocol;

/// <summary>One Engine.IO packet. Its data is borrowed from what it was read from, but for base64, which is decoded into memory of its own.</summary>
/// <remarks>
/// As text a packet is a digit, its type, and its data; binary data is always a message, and is "b" and base64. A WebSocket carries one packet in a message, and
/// binary data as it is. A polling body is packets with a record separator between them.
/// </remarks>
/// <param name="Type">What it is for.</param>
/// <param name="Data">The data behind the type.</param>
/// <param name="IsBinary">Whether the data is bytes and not text.</param>
internal readonly record struct EnginePacket(EnginePacketType Type, ReadOnlyMemory<byte> Data, bool IsBinary = false)
{
    /// <summary>What stands between the packets of a polling body.</summary>
    public const byte Separator = 0x1E;

    private const byte MessageDigit = (byte)'0' + (byte)EnginePacketType.Message;

    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n\v\f"u8);
    private static readonly SearchValues<byte> Unusual = SearchValues.Create(" \t\r\n\v\f-_"u8);

    /// <summary>Reads one packet from text.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="isLegacy">Whether it is of protocol 3, in which base64 has the digit of a type before it.</param>
    /// <exception cref="PacketException">It is none.</exception>
    public static EnginePacket Read(ReadOnlyMemory<byte> text, bool isLegacy = false)
    {
        if (text.IsEmpty)
            throw new PacketException("the packet is empty");

        return text.Span[0] switch
        {
            (byte)'b' when isLegacy => text.Span is [_, MessageDigit, ..]
                ? new EnginePacket(EnginePacketType.Message, Decode(text.Span[2..]), IsBinary: true)
                : throw new PacketException("only messages are binary"),
            (byte)'b' => new EnginePacket(EnginePacketType.Message, Decode(text.Span[1..]), IsBinary: true),
            var digit and >= (byte)'0' and <= (byte)'6' => new EnginePacket((EnginePacketType)(digit - (byte)'0'), text[1..]),
            _ => throw new PacketException("the packet has no type"),
        };
    }

    /// <summary>Reads the first packet of a polling body, and moves <paramref name="body"/> past it and its separator.</summary>
    /// <param name="body">What is left of the body; null behind its last packet, so that a body that is empty, or ends with a separator, is told from one that is over.</param>
    /// <exception cref="PacketException">It begins with no packet.</exception>
    public static EnginePacket ReadFirst(ref ReadOnlyMemory<byte>? body)
    {
        var rest = body ?? throw new ArgumentNullException(nameof(body));
        var end = rest.Span.IndexOf(Separator);
        // A null without its type would be an empty memory here.
        body = end < 0 ? default(ReadOnlyMemory<byte>?) : rest[(end + 1)..];
        var text = end < 0 ? rest : rest[..end];

        // A WebSocket has checked that already.
        return Utf8.IsValid(text.Span) ? Read(text) : throw new PacketException("the packet is not valid UTF-8");
    }

    /// <summary>Reads one packet of protocol 3 from bytes, of which the first is its type.</summary>
    /// <exception cref="PacketException">It is none.</exception>
    public static EnginePacket ReadLegacyBinary(ReadOnlyMemory<byte> bytes)
        => bytes.Span is [(byte)EnginePacketType.Message, ..]
            ? new EnginePacket(EnginePacketType.Message, bytes[1..], IsBinary: true)
            : throw new PacketException("only messages are binary");

    // What Node's server takes is taken, as far as it can mean one thing only: the client for Android breaks its lines, and others leave out the padding or use the alphabet of addresses.
    private static ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> base64)
    {
        if (base64.Length % 4 != 0 || base64.ContainsAny(Unusual))
            return DecodeUnusual(base64);

        var bytes = new byte[(base64.Length / 4 * 3) - (base64 switch { [.., (byte)'=', (byte)'='] => 2, [.., (byte)'='] => 1, _ => 0 })];
        return Base64.DecodeFromUtf8(base64, bytes, out _, out var written) == OperationStatus.Done && written == bytes.Length ? bytes : throw NoBase64();
    }

    private static ReadOnlyMemory<byte> DecodeUnusual(ReadOnlySpan<byte> base64)
    {
        // Room for the padding, which is what brings the length to a multiple of four.
        var bytes = new byte[base64.Length + 2];
        var length = 0;
        foreach (var letter in base64)
        {
            if (!Whitespace.Contains(letter))
                bytes[length++] = letter switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => letter };
        }

        var padding = length % 4 >= 2 ? 4 - (length % 4) : 0;
        bytes.AsSpan(length, padding).Fill((byte)'=');
        return Base64.DecodeFromUtf8InPlace(bytes.AsSpan(0, length + padding), out var written) == OperationStatus.Done ? bytes.AsMemory(0, written) : throw NoBase64();
    }

    private static PacketException NoBase64() => new("the packet is not valid base64");
}
