using System.Text;

namespace RawWs.Fuzz;

/// <summary>Chunked bodies, and what is almost one.</summary>
internal sealed class ChunkGrammar : InputGrammar
{
    private static readonly string[] Extensions = ["", "", "", ";", ";a", ";a=b", ";a=\"b;c\"", " ;a", "; ", ";\u00E9", ";\u0001", ";a\nb", ";a\rb"];
    private static readonly string[] Trailers = ["A: b", "Content-Length: 5", "A:", "A : b", " A: b", "A", ": b", "A: \u0001", "A: b\n", "A: \u00E9"];
    private static readonly string[] Sizes = ["0", "00", "1", "5", "a", "A", "fff", "2710", "2711", "7fffffff", "80000000", "ffffffffffffffff", "10000000000000000", "+1", "-1", "0x1", " 1", "1 ", "", "g"];
    private static readonly string[] Pieces = ["\r\n", "\n", "\r", "\0", ";", ":", "0\r\n\r\n", "5\r\nhello\r\n", " ", "0"];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var text = new StringBuilder();
        for (var count = random.Below(6); count > 0; count--)
        {
            var data = new string((char)random.Between(0, 255), random.OneIn(8) ? 5_000 : random.Between(1, 40));
            var size = random.OneIn(10) ? random.Of<string>(Sizes) : random.OneIn(2) ? $"{data.Length:x}" : $"{data.Length:X4}";
            text.Append(size).Append(random.Of<string>(Extensions)).Append("\r\n").Append(data).Append("\r\n");
        }

        text.Append('0').Append(random.Of<string>(Extensions)).Append("\r\n");
        for (var count = random.OneIn(3) ? random.Between(1, 3) : 0; count > 0; count--)
            text.Append(random.Of<string>(Trailers)).Append("\r\n");

        return Encoding.Latin1.GetBytes(text.Append("\r\n").Append(random.OneIn(4) ? "behind the body" : "").ToString());
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var text = Encoding.Latin1.GetString(input);
        var at = random.Below(text.Length + 1);
        var piece = random.Below(6) switch
        {
            0 => random.Of<string>(Sizes) + "\r\n",
            1 => random.Of<string>(Trailers) + "\r\n",
            2 => string.Concat(Enumerable.Repeat(random.Of<string>(Pieces), random.Between(2, 60))),
            3 => random.Of<string>(Extensions) + new string('x', random.OneIn(4) ? 300 : random.Below(20)),
            4 => "",
            _ => random.Of<string>(Pieces),
        };

        var cut = random.OneIn(2) ? 0 : random.Below(text.Length - at + 1);
        return Encoding.Latin1.GetBytes(text[..at] + piece + text[(at + cut)..]);
    }
}
