using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RawWs.Tests.Protocol;

/// <summary>Generates what clients send, and how it arrives.</summary>
internal static class Exchanges
{
    // A character of each length in UTF-8, so that fragments and segments cut all of them.
    private static readonly string[] Characters = ["\0", "a", "é", "€", "😀"];

    private static readonly Gen<uint> Key =
        from high in Gen.Choose(0, 0xFFFF)
        from low in Gen.Choose(0, 0xFFFF)
        select ((uint)high << 16) | (uint)low;

    private static readonly Gen<byte[]> Binary =
        from length in Gen.Frequency((8, Gen.Choose(0, 20)), (2, Gen.Choose(120, 130)), (1, Gen.Choose(300, 1000)))
        from payload in Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value), length)
        select payload;

    private static readonly Gen<byte[]> Text =
        from length in Gen.Frequency((8, Gen.Choose(0, 12)), (2, Gen.Choose(40, 70)), (1, Gen.Choose(100, 300)))
        from characters in Gen.ArrayOf(Gen.Elements(Characters), length)
        select Encoding.UTF8.GetBytes(string.Concat(characters));

    private static readonly Gen<Exchange> Control =
        from opcode in Gen.Elements<byte>(0x9, 0xA)
        from length in Gen.Frequency((4, Gen.Choose(0, 6)), (1, Gen.Choose(0, 125)))
        from payload in Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value), length)
        from key in Key
        let line = $"{(opcode == 0x9 ? "Ping" : "Pong")} {Hex.Of(payload)}".TrimEnd()
        select new Exchange(ClientFrame.Bytes((byte)(0x80 | opcode), payload, key), [line]);

    private static readonly Gen<Exchange> Message =
        from opcode in Gen.Elements<byte>(0x1, 0x2)
        from payload in opcode == 0x1 ? Text : Binary
        from count in Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(1, 6)))
        from cuts in Gen.ArrayOf(Gen.Choose(0, payload.Length), count)
        from keys in Gen.ArrayOf(Key, count + 1)
        from between in Gen.ArrayOf(Gen.Frequency((2, Gen.Constant<Exchange?>(null)), (1, Control.Select(control => (Exchange?)control))), count)
        select Fragment(opcode, payload, cuts, keys, between);

    /// <summary>What a client says, from nothing to a few messages; shrunk by leaving out exchanges.</summary>
    public static Arbitrary<Exchange[]> Conversation { get; } =
        Arb.From(Gen.ArrayOf(Gen.Frequency((3, Message), (1, Control))), WithoutOne);

    /// <summary>Where bytes are cut, as parts in ten thousand of their length, and how they arrive.</summary>
    public static Arbitrary<(int[] Cuts, bool ArrivesAtOnce, bool IsSegmented)> Arrival { get; } =
        Arb.From(
            from cuts in Gen.ArrayOf(Gen.Choose(0, 10_000))
            from arrivesAtOnce in Gen.Elements(false, true)
            from isSegmented in Gen.Elements(false, true)
            select (cuts, arrivesAtOnce, isSegmented));

    /// <summary>Bytes to be changed: a place in parts of ten thousand, and what is put there.</summary>
    public static Arbitrary<(int Place, byte Octet)[]> Mutations { get; } =
        Arb.From(
            from count in Gen.Choose(1, 4)
            from mutations in Gen.ArrayOf(
                from place in Gen.Choose(0, 9_999)
                from octet in Gen.Choose(0, 255)
                select (place, (byte)octet), count)
            select mutations,
            WithoutOne);

    public static Segmentation Segmentation((int[] Cuts, bool ArrivesAtOnce, bool IsSegmented) arrival, int length)
    {
        var cuts = arrival.Cuts.Select(cut => cut * length / 10_000).Where(cut => cut > 0 && cut < length).Order();
        return new Segmentation([.. cuts], arrival.ArrivesAtOnce, arrival.IsSegmented);
    }

    /// <summary>Changes some bytes, in a copy.</summary>
    public static byte[] Mutate(byte[] wire, (int Place, byte Octet)[] mutations)
    {
        byte[] mutated = [.. wire];
        foreach (var (place, octet) in mutations)
        {
            if (mutated.Length > 0)
                mutated[place * mutated.Length / 10_000] = octet;
        }

        return mutated;
    }

    private static Exchange Fragment(byte opcode, byte[] payload, int[] cuts, uint[] keys, Exchange?[] between)
    {
        int[] ends = [.. cuts.Order(), payload.Length];
        var wire = new List<byte>();
        var (lines, start) = (new List<string>(), 0);

        for (var index = 0; index < ends.Length; index++)
        {
            var isLast = index == ends.Length - 1;
            var first = (byte)((index == 0 ? opcode : 0) | (isLast ? 0x80 : 0));
            wire.AddRange(ClientFrame.Bytes(first, payload.AsSpan(start..ends[index]), keys[index]));
            start = ends[index];

            if (!isLast && between[index] is { } control)
            {
                wire.AddRange(control.Wire);
                lines.AddRange(control.Lines);
            }
        }

        return new Exchange([.. wire], [.. lines, $"{(opcode == 0x1 ? "Text" : "Binary")} {Hex.Of(payload)}".TrimEnd()]);
    }

    private static IEnumerable<T[]> WithoutOne<T>(T[] items)
        => Enumerable.Range(0, items.Length).Select(index => (T[])[.. items[..index], .. items[(index + 1)..]]);
}
