namespace RawWs.Conformance;

/// <summary>The tables of RFC 1951 §3.2.5 and §3.2.6.</summary>
internal static class FixedHuffman
{
    public const int EndOfBlock = 256, MinMatchLength = 3, MaxMatchLength = 258;

    public static readonly int[] LengthBase =
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    public static readonly int[] LengthExtraBits =
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    public static readonly int[] DistanceBase =
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
        8193, 12289, 16385, 24577,
    ];

    public static readonly int[] DistanceExtraBits =
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>Writes a literal, a length symbol or the end of the block. Symbols 286 and 287 can be written, and are illegal.</summary>
    public static BitWriter Symbol(this BitWriter writer, int symbol) => symbol switch
    {
        < 144 => writer.Code(0x30 + symbol, 8),
        < 256 => writer.Code(0x190 + symbol - 144, 9),
        < 280 => writer.Code(symbol - 256, 7),
        _ => writer.Code(0xC0 + symbol - 280, 8),
    };

    /// <summary>Begins a block with fixed codes.</summary>
    public static BitWriter BeginFixed(this BitWriter writer, bool final = false) => writer.Bits(final ? 1 : 0, 1).Bits(1, 2);

    public static BitWriter Literals(this BitWriter writer, ReadOnlySpan<byte> bytes)
    {
        foreach (var octet in bytes)
            writer.Symbol(octet);
        return writer;
    }

    public static BitWriter Match(this BitWriter writer, int length, int distance)
    {
        var lengthIndex = IndexOf(LengthBase, length);
        writer.Symbol(257 + lengthIndex).Bits(length - LengthBase[lengthIndex], LengthExtraBits[lengthIndex]);
        var distanceIndex = IndexOf(DistanceBase, distance);
        return writer.Code(distanceIndex, 5).Bits(distance - DistanceBase[distanceIndex], DistanceExtraBits[distanceIndex]);
    }

    /// <summary>Writes a block without compression (RFC 1951 §3.2.4).</summary>
    public static BitWriter Stored(this BitWriter writer, ReadOnlySpan<byte> bytes, bool final = false) =>
        writer.Bits(final ? 1 : 0, 1).Bits(0, 2)
            .Bytes([(byte)bytes.Length, (byte)(bytes.Length >> 8), (byte)~bytes.Length, (byte)(~bytes.Length >> 8)])
            .Bytes(bytes);

    /// <summary>Ends a message as RFC 7692 §7.2.1 has it: an empty stored block, without its last four octets.</summary>
    public static byte[] EndMessage(this BitWriter writer) => writer.Bits(0, 3).ToArray();

    private static int IndexOf(int[] bases, int value)
    {
        var index = bases.Length - 1;
        while (bases[index] > value)
            index--;
        return index;
    }
}
