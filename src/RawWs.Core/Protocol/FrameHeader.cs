using System.Buffers;
using System.Buffers.Binary;

namespace RawWs.Protocol;

/// <summary>
/// Everything in a frame that precedes its payload (RFC 6455 §5.2):
/// <code>
///  0               1               2               3
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
/// |I|S|S|S|  (4)  |A|     (7)     |   (16 if payload len == 126,  |
/// |N|V|V|V|       |S|             |    64 if payload len == 127)  |
/// | |1|2|3|       |K|             |                               |
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// |     Masking-key, if MASK set to 1     |     Payload data      |
/// +---------------------------------------+-----------------------+
/// </code>
/// </summary>
/// <param name="Opcode">What the payload is.</param>
/// <param name="Fin">Whether this is the final fragment of a message.</param>
/// <param name="Rsv1">The bit that permessage-deflate sets on the first frame of a compressed message (RFC 7692 §6).</param>
/// <param name="MaskingKey">The four bytes of the masking key in wire order, the first in the lowest byte; null in an unmasked frame.</param>
/// <param name="PayloadLength">The length of the payload in bytes.</param>
internal readonly record struct FrameHeader(Opcode Opcode, bool Fin, bool Rsv1, uint? MaskingKey, long PayloadLength)
{
    /// <summary>2 fixed bytes, 8 of extended payload length, 4 of masking key.</summary>
    public const int MaxLength = 14;

    /// <summary>The longest payload of a control frame (§5.5), and the longest that needs no extended payload length.</summary>
    public const int MaxShortPayloadLength = 125;

    private const byte FinBit = 0x80, Rsv1Bit = 0x40, OpcodeBits = 0x0F;
    private const byte MaskBit = 0x80, LengthBits = 0x7F;
    private const byte SixteenBitLength = 126, SixtyFourBitLength = 127;

    /// <summary>Reads one header and moves <paramref name="input"/> past it.</summary>
    /// <returns><see langword="false"/>, with <paramref name="input"/> untouched, if the header is not all there yet.</returns>
    /// <exception cref="ProtocolViolationException">No continuation of these bytes could be a legal header in this place.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> input, in FrameRules rules, out FrameHeader header)
    {
        Span<byte> scratch = stackalloc byte[MaxLength];
        var bytes = Peek(input, scratch);
        header = default;

        if (bytes.Length < 2)
            return false;

        // What these two bytes forbid is forbidden now, whether or not the rest ever comes.
        var (first, second) = (bytes[0], bytes[1]);
        rules.CheckFirstBytes(first, second);

        var shortLength = second & LengthBits;
        var masked = (second & MaskBit) != 0;
        var keyOffset = 2 + shortLength switch { SixteenBitLength => sizeof(ushort), SixtyFourBitLength => sizeof(ulong), _ => 0 };
        var headerLength = keyOffset + (masked ? sizeof(uint) : 0);

        if (bytes.Length < headerLength)
            return false;

        header = new FrameHeader(
            Opcode: (Opcode)(first & OpcodeBits),
            Fin: (first & FinBit) != 0,
            Rsv1: (first & Rsv1Bit) != 0,
            MaskingKey: masked ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[keyOffset..]) : null,
            PayloadLength: ReadPayloadLength(shortLength, bytes[2..keyOffset]));

        input = input.Slice(headerLength);
        return true;
    }

    /// <summary>The number of bytes that <see cref="Write"/> writes for an unmasked frame with such a payload.</summary>
    public static int LengthFor(long payloadLength)
        => payloadLength switch { <= MaxShortPayloadLength => 2, <= ushort.MaxValue => 2 + sizeof(ushort), _ => 2 + sizeof(ulong) };

    /// <summary>
    /// Writes a server's header into <paramref name="output"/>, which has room for <see cref="MaxLength"/> bytes. Without a masking
    /// key, for §5.1 says that "a server MUST NOT mask any frames that it sends to the client".
    /// </summary>
    /// <returns>The length of what was written.</returns>
    public static int Write(Span<byte> output, Opcode opcode, bool fin, long payloadLength, bool rsv1 = false)
    {
        output[0] = (byte)((fin ? FinBit : 0) | (rsv1 ? Rsv1Bit : 0) | (byte)opcode);

        switch (payloadLength)
        {
            case <= MaxShortPayloadLength:
                output[1] = (byte)payloadLength;
                return 2;

            case <= ushort.MaxValue:
                output[1] = SixteenBitLength;
                BinaryPrimitives.WriteUInt16BigEndian(output[2..], (ushort)payloadLength);
                return 2 + sizeof(ushort);

            default:
                output[1] = SixtyFourBitLength;
                BinaryPrimitives.WriteUInt64BigEndian(output[2..], (ulong)payloadLength);
                return 2 + sizeof(ulong);
        }
    }

    private static long ReadPayloadLength(int shortLength, ReadOnlySpan<byte> extended)
    {
        var length = extended.Length switch
        {
            0 => (ulong)shortLength,
            sizeof(ushort) => BinaryPrimitives.ReadUInt16BigEndian(extended),
            _ => BinaryPrimitives.ReadUInt64BigEndian(extended),
        };

        // §5.2: "the most significant bit MUST be 0", and "the minimal number of bytes MUST be used to encode the length".
        if (length > long.MaxValue)
            throw new ProtocolViolationException(CloseCode.ProtocolError, "the most significant bit of a payload length must be 0");

        var smallestAllowed = extended.Length switch { 0 => 0u, sizeof(ushort) => 126u, _ => 65_536u };
        if (length < smallestAllowed)
            throw new ProtocolViolationException(CloseCode.ProtocolError, "payload length is not minimally encoded");

        return (long)length;
    }

    private static ReadOnlySpan<byte> Peek(in ReadOnlySequence<byte> input, Span<byte> scratch)
    {
        if (input.IsSingleSegment || input.FirstSpan.Length >= MaxLength)
            return input.FirstSpan;

        var prefix = input.Slice(0, Math.Min(input.Length, MaxLength));
        prefix.CopyTo(scratch);
        return scratch[..(int)prefix.Length];
    }
}
