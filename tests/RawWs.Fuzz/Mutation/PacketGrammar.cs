using System.Text;

namespace RawWs.Fuzz;

/// <summary>Messages of a Socket.IO client, a line feed between two: text with its Engine.IO type, or bytes behind a #.</summary>
internal sealed class PacketGrammar : InputGrammar
{
    private static readonly string[] Messages =
    [
        "40", "40{\"token\":\"t\"}", "40/admin,", "40/dyn-1,{\"a\":1}", "40/dyn-2,", "40/none,", "41", "41/admin,", "42[\"e\",1]", "421[\"ask\",\"x\"]", "42/admin,7[\"ask\"]",
        "43[\"a\"]", "430[1]", "431[]", "451-[\"e\",{\"_placeholder\":true,\"num\":0}]\n#\u0001\u0002", "452-[\"echo\",{\"num\":1,\"_placeholder\":true},{\"_placeholder\":true,\"num\":0}]\n#a\n#",
        "461-0[{\"_placeholder\":true,\"num\":0}]\n#x", "40{\"pid\":\"x\",\"offset\":\"1\"}", "40{\"pid\":\"x\"}", "2probe", "3", "4", "44{\"message\":\"x\"}", "bAQI=", "42[\"echo\",{\"_placeholder\":true,\"num\":3}]",
        "42[\"connect\"]", "42[\"__proto__\",{\"constructor\":1}]", "42[\"\\ud800\",\"\\udc00\\n\"]", "4512345-[\"a\"]", "4299999999999999999999[\"a\"]",
        "#\u0083\u00a4type\u0002\u00a4data\u0092\u00a1e\u0001\u00a3nsp\u00a1/", "#\u0083\u00a4type\0\u00a4data\u00d4\0\0\u00a3nsp\u00a1/",
        "#\u0084\u00a4type\u0002\u00a4data\u0092\u00a1e\u00c4\u0001x\u00a3nsp\u00a1/\u00a2id\u0007", "#\u0082\u00a4type\u0001\u00a3nsp\u00a6/admin",
    ];

    private static readonly string[] Pieces =
    [
        "\n", "#", "4", "0", "1", "2", "3", "5", "6", "-", ",", "/", "/admin,", "[", "]", "{", "}", "\"e\"", ":", "true", "\"_placeholder\"", "\"num\"", "\\u", "\"\\ud83d\"", "1e999",
        "-0", "18446744073709551616", "\u001e", "\u0093", "\u0081", "\u00dd\u00ff\u00ff\u00ff\u00ff", "\u00c1", "\u00c4\u0005", "\u00d7\0", "\u00cb\u007f\u00f0\0\0\0\0\0\0",
    ];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var text = new StringBuilder(random.OneIn(4) ? "" : "40\n");
        for (var count = random.Between(1, 6); count > 0; count--)
            text.Append(random.Of<string>(Messages)).Append('\n');

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var text = Encoding.Latin1.GetString(input);
        var at = random.Below(text.Length + 1);
        var piece = random.Below(6) switch
        {
            0 => "\n" + random.Of<string>(Messages) + "\n",
            1 => string.Concat(Enumerable.Repeat(random.Of<string>(Pieces), random.Between(2, 80))),
            _ => random.Of<string>(Pieces),
        };
        var cut = random.OneIn(2) ? 0 : random.Below(text.Length - at + 1);
        return Encoding.Latin1.GetBytes(text[..at] + piece + text[(at + cut)..]);
    }
}
