using System.Buffers.Binary;

namespace RawWs.Fuzz;

/// <summary>Changes inputs of which nothing is known.</summary>
internal static class ByteMutator
{
    private const int LongestBlock = 64;

    private static readonly byte[] Interesting = [0x00, 0x01, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0xFD, 0xFE, 0xFF, 0x0A, 0x0D, 0x20, 0x2C, 0x3A, 0x25];

    private static readonly ulong[] InterestingLengths =
        [0, 1, 125, 126, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue];

    /// <param name="input">The input; not changed.</param>
    /// <param name="random">Where every choice comes from.</param>
    /// <param name="pick">Yields another input to splice with.</param>
    public static byte[] Mutate(byte[] input, SplitMix64 random, Func<SplitMix64, byte[]> pick)
    {
        if (input.Length == 0)
            return random.OneIn(2) ? random.Bytes(random.Between(1, 16)) : [.. pick(random)];

        byte[] changed = [.. input];
        var at = random.Below(input.Length);
        var block = Math.Min(random.Between(1, LongestBlock), input.Length - at);

        switch (random.Below(12))
        {
            case 0: changed[at] ^= (byte)(1 << random.Below(8)); return changed;
            case 1: changed[at] = random.Of<byte>(Interesting); return changed;
            case 2: changed[at] = (byte)random.Next(); return changed;
            case 3: changed[at] = (byte)(changed[at] + random.Between(-4, 4)); return changed;
            case 4: return SetLength(changed, at, random);
            case 5: return [.. input[..at], .. input[(at + block)..]];
            case 6: return [.. input[..(at + block)], .. input[at..]];
            case 7: return [.. input[..at], .. random.Bytes(random.Between(1, 8)), .. input[at..]];
            case 8: return [.. input[..at], .. Enumerable.Repeat(random.Of<byte>(Interesting), random.Between(1, LongestBlock)), .. input[at..]];
            case 9: return Splice(input, at, pick(random), random);
            case 10: return input[..at];
            default: return Overwrite(changed, at, pick(random), random);
        }
    }

    private static byte[] SetLength(byte[] changed, int at, SplitMix64 random)
    {
        var length = random.Of<ulong>(InterestingLengths);
        Span<byte> field = stackalloc byte[sizeof(ulong)];
        var isShort = random.OneIn(2);

        if (random.OneIn(2))
            BinaryPrimitives.WriteUInt64LittleEndian(field, length);
        else if (isShort)
            BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)length);
        else
            BinaryPrimitives.WriteUInt64BigEndian(field, length);

        field = field[..Math.Min(isShort ? sizeof(ushort) : sizeof(ulong), changed.Length - at)];
        field.CopyTo(changed.AsSpan(at));
        return changed;
    }

    private static byte[] Splice(byte[] input, int at, byte[] other, SplitMix64 random)
        => other.Length == 0 ? input : [.. input[..at], .. other[random.Below(other.Length)..]];

    private static byte[] Overwrite(byte[] changed, int at, byte[] other, SplitMix64 random)
    {
        if (other.Length == 0)
            return changed;

        var from = random.Below(other.Length);
        var count = Math.Min(random.Between(1, LongestBlock), Math.Min(other.Length - from, changed.Length - at));
        other.AsSpan(from, count).CopyTo(changed.AsSpan(at));
        return changed;
    }
}
