using System.Text;

namespace RawWs.Fuzz;

/// <summary>Values of Sec-WebSocket-Extensions, a line feed between two header lines.</summary>
internal sealed class ExtensionGrammar : InputGrammar
{
    private static readonly string[] Names = ["permessage-deflate", "Permessage-Deflate", "permessage-deflate", "x-webkit-deflate-frame", "permessage-bzip2", "constructor", "__proto__", "a"];

    private static readonly string[] Parameters =
    [
        "server_no_context_takeover", "client_no_context_takeover", "client_max_window_bits", "server_max_window_bits=15", "server_max_window_bits=8",
        "server_max_window_bits=9", "client_max_window_bits=8", "client_max_window_bits=\"1\\0\"", "client_max_window_bits=\"15\"", "server_max_window_bits",
        "client_max_window_bits=16", "client_max_window_bits=7", "client_max_window_bits=010", "client_max_window_bits=+9", "server_no_context_takeover=1",
        "client_max_window_bits=99999999999", "unknown", "unknown=x", "SERVER_NO_CONTEXT_TAKEOVER", "server_max_window_bits = 12", "a=\"\"", "a=\"b c\"", "a=", "=b", "",
    ];

    private static readonly string[] Pieces = ["; ", ";", ", ", ",", ",,", "=", "\"", "\\", " ", "\t", "\n", "\"\\\"\"", "\u0001", "\u00E9", "permessage-deflate", "8", "15"];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var text = new StringBuilder();
        for (var count = random.Between(1, 3); count > 0; count--)
        {
            text.Append(random.Of<string>(Names));
            for (var parameters = random.Below(4); parameters > 0; parameters--)
                text.Append(random.OneIn(4) ? " ; " : "; ").Append(random.Of<string>(Parameters));

            if (count > 1)
                text.Append(random.OneIn(4) ? "\n" : ", ");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var text = Encoding.Latin1.GetString(input);
        var at = random.Below(text.Length + 1);
        var piece = random.Below(6) switch
        {
            0 => random.Of<string>(Names),
            1 => "; " + random.Of<string>(Parameters),
            2 => string.Concat(Enumerable.Repeat(random.Of<string>(Pieces), random.Between(2, 60))),
            _ => random.Of<string>(Pieces),
        };

        var cut = random.OneIn(2) ? 0 : random.Below(text.Length - at + 1);
        return Encoding.Latin1.GetBytes(text[..at] + piece + text[(at + cut)..]);
    }
}
