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

    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n"u8);

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

    private static byte[] Decode(ReadOnlySpan<byte> base64)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (base64.ContainsAny(Whitespace) || Base64.DecodeFromUtf8(base64, bytes, out _, out var written) != OperationStatus.Done)
            throw new PacketException("the packet is not valid base64");

        return bytes[..written];
    }
}
