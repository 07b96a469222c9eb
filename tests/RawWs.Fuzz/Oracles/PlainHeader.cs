namespace RawWs.Fuzz;

/// <summary>
/// The verdict on a frame header by the text of RFC 6455 §5, rule by rule and without a thought for speed: what the code under test is held against.
/// </summary>
internal static class PlainHeader
{
    /// <returns>Null if the header is not all there; else whether it is legal.</returns>
    public static bool? IsLegal(ReadOnlySpan<byte> bytes, bool inFragmentedMessage, bool allowRsv1)
    {
        if (bytes.Length < 2)
            return null;

        var (fin, rsv1, rsv2, rsv3) = (Bit(bytes[0], 0), Bit(bytes[0], 1), Bit(bytes[0], 2), Bit(bytes[0], 3));
        var (opcode, isMasked, shortLength) = (bytes[0] % 16, Bit(bytes[1], 0), bytes[1] % 128);
        var isControl = opcode >= 8;

        bool[] rules =
        [
            !rsv2 && !rsv3,
            !rsv1 || (allowRsv1 && opcode is (1 or 2)),
            opcode is 0 or 1 or 2 or 8 or 9 or 10,
            isMasked,
            !isControl || (fin && shortLength <= 125),
            isControl || inFragmentedMessage == (opcode == 0),
        ];
        if (rules.Contains(false))
            return false;

        var extendedLength = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
        if (bytes.Length < 2 + extendedLength + 4)
            return null;

        return extendedLength switch
        {
            2 => bytes[2] * 256 + bytes[3] >= 126,
            8 => bytes[2] < 128 && bytes[2..8].ContainsAnyExcept((byte)0),
            _ => true,
        };
    }

    // As §5.2 draws them, the first bit being the highest.
    private static bool Bit(byte octet, int number) => (octet >> (7 - number)) % 2 == 1;
}
