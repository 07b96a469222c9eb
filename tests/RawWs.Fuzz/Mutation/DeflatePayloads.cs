using RawWs.Conformance;

namespace RawWs.Fuzz;

/// <summary>Compressed messages as RFC 7692 §7.2 has them, and some that only look so, written bit by bit.</summary>
internal sealed class DeflatePayloads(int windowBits, bool contextTakeover)
{
    private readonly WindowDeflater _deflater = new(windowBits, contextTakeover);

    /// <summary>Compresses a message in one of the ways there are.</summary>
    public byte[] Encode(byte[] message, SplitMix64 random) => random.Below(10) switch
    {
        0 => new BitWriter().Stored(message).EndMessage(),
        1 => new BitWriter().Stored(message.AsSpan(0, message.Length / 2)).BeginFixed().Literals(message.AsSpan(message.Length / 2)).Symbol(FixedHuffman.EndOfBlock).EndMessage(),
        2 => new BitWriter().BeginFixed(final: true).Literals(message).Symbol(FixedHuffman.EndOfBlock).Bytes([0]).ToArray(),
        3 => Repeat(message, random),
        4 => Wrong(message, random),
        _ => _deflater.Compress(message),
    };

    // A bomb: each match makes up to 258 bytes of two or three.
    private static byte[] Repeat(byte[] message, SplitMix64 random)
    {
        var writer = new BitWriter().BeginFixed().Literals(message).Symbol(random.Below(256));
        for (var count = random.Of<int>([1, 4, 100, 1000]); count > 0; count--)
            writer.Match(random.OneIn(2) ? FixedHuffman.MaxMatchLength : random.Between(FixedHuffman.MinMatchLength, FixedHuffman.MaxMatchLength), random.Between(1, message.Length + 1));

        return writer.Symbol(FixedHuffman.EndOfBlock).EndMessage();
    }

    private static byte[] Wrong(byte[] message, SplitMix64 random)
    {
        var writer = new BitWriter().BeginFixed().Literals(message);
        return random.Below(6) switch
        {
            0 => writer.Match(3, random.Of<int>([1, 256, 257, 512, 32_768])).Symbol(FixedHuffman.EndOfBlock).EndMessage(),
            1 => writer.Symbol(random.Between(286, 287)).Symbol(FixedHuffman.EndOfBlock).EndMessage(),
            2 => writer.Symbol(FixedHuffman.EndOfBlock).Bits(0, 1).Bits(3, 2).ToArray(),
            3 => writer.ToArray(),
            4 => writer.Symbol(257).Code(random.Between(30, 31), 5).Symbol(FixedHuffman.EndOfBlock).EndMessage(),
            _ => [.. writer.Symbol(FixedHuffman.EndOfBlock).EndMessage(), .. random.Bytes(random.Between(1, 4))],
        };
    }
}
