using System.Text;

namespace RawWs.Fuzz;

/// <summary>Polling bodies of Engine.IO: packets with separators between them, or in either form of protocol 3, or a form with such a body in it.</summary>
internal sealed class PayloadGrammar : InputGrammar
{
    private static readonly string[] Packets = ["4hello", "40", "42[\"e\",\"é😀\"]", "bAQIDBA==", "b", "b4AQ==", "2", "2probe", "3", "1", "5", "6", "0{}", "4", "4a\\nb\\\\nc"];

    private static readonly string[] Pieces =
    [
        "\u001e", ":", "0:", "1:2", "999999999:", "2147483648:4", "-1:4", "+1:4", "01:2", "é", "\ud83d\ude00", "b", "=", "==", "/", "_", " ", "d=", "&d=", "%1e", "%", "%f", "%zz", "+", "\\n", "\\\\n",
        "\0\u0001\u00ff4", "\u0001\u0002\u00ff\u0004a", "\0\u0009\u0009\u00ff", "\u00ff", "\u0001\u0000\u00ff",
    ];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var packets = new string[random.Between(1, 6)];
        for (var index = 0; index < packets.Length; index++)
            packets[index] = random.Of<string>(Packets);

        return random.Below(4) switch
        {
            0 => Encoding.UTF8.GetBytes(string.Concat(packets.Select(packet => $"{packet.Length}:{packet}"))),
            1 => [.. packets.SelectMany(packet => Binary(Encoding.UTF8.GetBytes(packet)))],
            2 => Encoding.UTF8.GetBytes("x=1&d=" + Uri.EscapeDataString(string.Concat(packets.Select(packet => $"{packet.Length}:{packet}")))),
            _ => Encoding.UTF8.GetBytes(string.Join('\u001e', packets)),
        };
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var at = random.Below(input.Length + 1);
        var cut = random.OneIn(2) ? 0 : random.Below(Math.Min(8, input.Length - at) + 1);
        var text = random.OneIn(3) ? "\u001e" + random.Of<string>(Packets) : random.Of<string>(Pieces);

        // Some pieces are bytes as they are, and some are text.
        var piece = random.OneIn(2) ? Encoding.Latin1.GetBytes(text) : Encoding.UTF8.GetBytes(text);
        return [.. input.AsSpan(0, at), .. piece, .. input.AsSpan(at + cut)];
    }

    private static IEnumerable<byte> Binary(byte[] packet)
        => [(byte)(packet is [(byte)'b', ..] ? 1 : 0), .. packet.Length.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(digit => (byte)(digit - '0')), 0xFF, .. packet];
}
