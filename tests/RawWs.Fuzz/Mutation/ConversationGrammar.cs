namespace RawWs.Fuzz;

/// <summary>A whole connection: an opening handshake, mostly a good one, and frames.</summary>
internal sealed class ConversationGrammar : InputGrammar
{
    private readonly FrameGrammar _frames = new();
    private readonly HeadGrammar _heads = new();

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
        => random.OneIn(6) ? [.. _heads.Generate(random), .. _frames.Generate(random)] : _frames.Generate(random);

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
        => BeginsWithHead(input) && random.OneIn(2) ? _heads.Mutate(input, random) : _frames.Mutate(input, random);

    /// <summary>Whether the input says its own handshake: no frame of a client's that has a mask begins with two letters.</summary>
    public static bool BeginsWithHead(ReadOnlySpan<byte> input)
        => input.Length >= 2 && (input.StartsWith("\r\n"u8) || (char.IsAsciiLetter((char)input[0]) && char.IsAsciiLetter((char)input[1])));
}
