using System.Buffers.Binary;
using System.Text;

namespace RawWs.Fuzz;

/// <summary>Broadcasts and messages of nodes, right and nearly right.</summary>
internal sealed class EnvelopeGrammar : InputGrammar
{
    private static readonly string[] Names = ["lobby", "a", "é😀", "", "\u00ff"];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var kind = (byte)random.Below(5);
        if (random.OneIn(2))
        {
            byte[] rest = kind switch
            {
                2 => [.. random.Bytes(sizeof(ulong)), (byte)random.Below(3), .. Name(random)],
                3 => [.. random.Bytes(sizeof(ulong) + 16), (byte)random.Below(256), .. random.Bytes(3)],
                _ => [],
            };
            return [.. "RN"u8, 1, kind, .. random.Bytes(16), .. rest];
        }

        byte[] header = [.. "RW"u8, (byte)(random.OneIn(16) ? 2 : 1), (byte)random.Below(2), .. random.Bytes(16), .. random.Bytes(sizeof(ulong))];
        if (header[3] == 0)
            return header;

        var flags = (byte)(random.Below(8) | (random.Below(6) << 4));
        return [.. header, flags, .. (flags & 4) == 0 ? [] : Counted(Name(random), random), .. List(random), .. List(random), .. Name(random)];
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var at = random.Below(input.Length + 1);
        var piece = random.Below(3) switch
        {
            0 => Number(random.Of<int>([0, 1, 5, int.MaxValue, -1, 1 << 24]), random),
            1 => Counted(Name(random), random),
            _ => random.Bytes(1),
        };
        var cut = random.OneIn(2) ? 0 : Math.Min(piece.Length, input.Length - at);
        return [.. input.AsSpan(0, at), .. piece, .. input.AsSpan(at + cut)];
    }

    private static byte[] Name(SplitMix64 random) => random.OneIn(16) ? random.Bytes(3) : Encoding.UTF8.GetBytes(random.Of<string>(Names));

    private static byte[] List(SplitMix64 random)
    {
        var count = random.Below(4);
        return [.. Number(count, random), .. Enumerable.Range(0, count).SelectMany(_ => Counted(Name(random), random))];
    }

    private static byte[] Counted(byte[] name, SplitMix64 random) => [.. Number(name.Length, random), .. name];

    // A number is a lie now and then.
    private static byte[] Number(int number, SplitMix64 random)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, random.OneIn(32) ? number + random.Between(-2, 2) : number);
        return bytes;
    }
}
