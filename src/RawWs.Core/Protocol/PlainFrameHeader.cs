using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace RawWs.Protocol;

/// <summary>
/// The header of a frame as nearly all are: a whole message, not encoded, masked, of 1 to 65,535 bytes. Of any other it says nothing, not even whether it is
/// legal: that is for <see cref="FrameHeader"/> and <see cref="FrameRules"/> to say.
/// </summary>
/// <param name="Type">The type of the message.</param>
/// <param name="MaskingKey">The masking key, the first byte in the lowest.</param>
/// <param name="Length">How many bytes the header has.</param>
/// <param name="PayloadLength">How many bytes follow it.</param>
internal readonly record struct PlainFrameHeader(MessageType Type, uint MaskingKey, int Length, int PayloadLength)
{
    private const byte FinalText = 0x81, FinalBinary = 0x82;
    private const byte MaskBit = 0x80, MaskedSixteenBitLength = 0xFE;

    private const int ShortLength = 2 + sizeof(uint), LongLength = 2 + sizeof(ushort) + sizeof(uint);

    /// <summary>Reads the header that <paramref name="bytes"/> begin with, where no fragmented message is going on.</summary>
    /// <returns>Whether it is such a header, and all there. A frame of less than 8 bytes is left to others, so that there is one length to check.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> bytes, out PlainFrameHeader header)
    {
        header = default;
        if (bytes.Length < LongLength || bytes[0] is not (FinalText or FinalBinary))
            return false;

        var (type, second) = ((MessageType)(bytes[0] & 0x0F), bytes[1]);
        if (second is > MaskBit and < MaskedSixteenBitLength)
        {
            header = new(type, BinaryPrimitives.ReadUInt32LittleEndian(bytes[2..]), ShortLength, second & ~MaskBit);
            return true;
        }

        // §5.2: "the minimal number of bytes MUST be used to encode the length".
        var extended = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (second != MaskedSixteenBitLength || extended <= FrameHeader.MaxShortPayloadLength)
            return false;

        header = new(type, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), LongLength, extended);
        return true;
    }
}
