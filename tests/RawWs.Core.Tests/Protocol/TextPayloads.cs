using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RawWs.Tests.Protocol;

/// <summary>Generates payloads of all the lengths that forms of vector code are for, in the languages that take different ways through it.</summary>
internal static class TextPayloads
{
    // ASCII alone, a mixture with each other length of character, and such lengths alone.
    private static readonly string[][] Alphabets =
    [
        ["a", "b", "\0", "\x7f"], ["a", "b", "c", "ü"], ["Ж", "я", " "], ["我", "能", "。"], ["😀", "👩", "\u200d"], ["a", "é", "€", "😀"],
    ];

    private static readonly Gen<int> Length =
        Gen.Frequency((4, Gen.Choose(0, 40)), (4, Gen.Choose(0, 300)), (1, Gen.Choose(0, 3_000)), (1, Gen.Choose(4_000, 4_200)), (1, Gen.Choose(8_000, 8_500)));

    // Half of them hold one byte that may not be there, and so may be cut inside a character.
    private static readonly Gen<byte[]> Text =
        from alphabet in Gen.Elements(Alphabets)
        from length in Length
        from characters in Gen.ArrayOf(Gen.Elements(alphabet), length)
        from mutation in Gen.Frequency((1, Gen.Constant(-1)), (1, Gen.Choose(0, 9_999)))
        from octet in Gen.Choose(0x00, 0xFF)
        from cut in Gen.Choose(0, 3)
        let text = Encoding.UTF8.GetBytes(string.Concat(characters))
        let mutated = mutation < 0 ? text : Exchanges.Mutate(text, [(mutation, (byte)octet)])
        select mutated[..Math.Max(0, mutated.Length - cut)];

    /// <summary>Texts that are, are not, and are not yet UTF-8.</summary>
    public static Arbitrary<byte[]> Texts { get; } = Arb.From(Text, text => text.Length == 0 ? [] : [text[..(text.Length / 2)], text[..^1], text[1..]]);

    /// <summary>Masking keys.</summary>
    public static Arbitrary<uint> Keys { get; } =
        (from high in Gen.Choose(0, 0xFFFF)
         from low in Gen.Choose(0, 0xFFFF)
         select ((uint)high << 16) | (uint)low).ToArbitrary();
}
