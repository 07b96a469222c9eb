using System.Text;

namespace RawWs.Fuzz;

/// <summary>What a client writes into X-Forwarded-For or Forwarded, a line feed between two header lines.</summary>
internal sealed class ForwardedGrammar : InputGrammar
{
    private static readonly string[] Elements =
    [
        "for=6.6.6.6", "for=\"[2001:db8::6]:80\"", "for=unknown", "for=_hidden", "for=10.0.0.1;proto=https", "by=10.0.0.1;for=6.6.6.6", "proto=http", "6.6.6.6", "10.0.0.1", "2001:db8::6",
        "[2001:db8::6]:80", "unknown", "", "x=\"a, b; c\"", "x=\"\\\"\"",
    ];

    private static readonly string[] Pieces = [",", ", ", ";", "=", "\"", "\\", "[", "]", ":", " ", "\t", "\n", "for=", "proto=", "6.6.6.6", "10.0.0.1", "\u00E9", "%", "_"];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var text = new StringBuilder(random.Of<string>(Elements));
        for (var count = random.Below(4); count > 0; count--)
            text.Append(random.OneIn(4) ? "\n" : ", ").Append(random.Of<string>(Elements));

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var text = Encoding.Latin1.GetString(input);
        var at = random.Below(text.Length + 1);
        var piece = random.Below(4) switch
        {
            0 => ", " + random.Of<string>(Elements),
            1 => string.Concat(Enumerable.Repeat(random.Of<string>(Pieces), random.Between(2, 60))),
            _ => random.Of<string>(Pieces),
        };

        var cut = random.OneIn(2) ? 0 : random.Below(text.Length - at + 1);
        return Encoding.Latin1.GetBytes(text[..at] + piece + text[(at + cut)..]);
    }
}
