namespace RawWs.Redis.Client;

/// <summary>Which of the slots of a cluster a key, or a sharded channel, belongs to.</summary>
internal static class HashSlot
{
    /// <summary>How many slots every cluster has.</summary>
    public const int Count = 16_384;

    // CRC-16/XMODEM: the remainder of each byte in front of 16 zero bits.
    private static readonly ushort[] Remainders = [.. Enumerable.Range(0, 256).Select(static octet => Remainder((ushort)(octet << 8)))];

    /// <summary>The slot of a key. If there is something between its first <c>{</c> and the next <c>}</c>, that alone counts: so keys are held together.</summary>
    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0 && key[(open + 1)..].IndexOf((byte)'}') is > 0 and var length)
            key = key.Slice(open + 1, length);

        var remainder = 0;
        foreach (var octet in key)
            remainder = (ushort)(remainder << 8) ^ Remainders[(remainder >> 8) ^ octet];

        return remainder % Count;
    }

    private static ushort Remainder(ushort value)
    {
        const ushort Polynomial = 0x1021;
        for (var bit = 0; bit < 8; bit++)
            value = (ushort)((value & 0x8000) != 0 ? (value << 1) ^ Polynomial : value << 1);

        return value;
    }
}
