using System.Text;

namespace RawWs.Fuzz;

/// <summary>Answers of Redis, in RESP2 and RESP3, right and nearly right.</summary>
internal sealed class RespGrammar : InputGrammar
{
    private const int MaxDepth = 6;
    private static readonly string[] Words = ["\r\n", "\r", "\n", "$-1", "*-1", "0", "1", "99999999999", "-", "+", ":", "*", "%", "|", ">", "~", "!", "=txt:", ",inf", "#t", "(1"];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var text = new StringBuilder();
        for (var values = 1 + random.Below(4); values > 0; values--)
            Append(text, random, MaxDepth);

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var at = random.Below(input.Length + 1);
        var piece = random.OneIn(3) ? [(byte)random.Below(256)] : Encoding.ASCII.GetBytes(random.Of<string>(Words));
        var cut = random.OneIn(2) ? 0 : random.Below(Math.Min(input.Length - at, 8) + 1);
        return [.. input[..at], .. piece, .. input[(at + cut)..]];
    }

    private static void Append(StringBuilder text, SplitMix64 random, int depth)
    {
        // A length is a lie now and then.
        var count = random.Below(4);
        var announced = random.OneIn(16) ? random.Below(1 << 22) : count;
        switch (random.Below(depth > 0 ? 8 : 4))
        {
            case 0:
                text.Append(':').Append(random.Below(1_000)).Append("\r\n");
                break;
            case 1:
                text.Append(random.Of<char>(['$', '!'])).Append(announced).Append("\r\n").Append('\r', count).Append("\r\n");
                break;
            case 2:
                text.Append(random.Of<string>(["+OK", "-ERR x", "_", "$-1", "#t", "#f", ",1e5", ",nan", "(-1", "=4\r\ntxt:"])).Append("\r\n");
                break;
            case 3:
                text.Append(random.OneIn(2) ? ">1\r\n" : "*1\r\n").Append("+x\r\n");
                break;
            default:
                var type = random.Of<char>(['*', '*', '~', '%', '|', '>']);
                text.Append(type).Append(announced).Append("\r\n");
                for (var items = type is '%' or '|' ? 2 * count : count; items > 0; items--)
                    Append(text, random, depth - 1);

                break;
        }
    }
}
