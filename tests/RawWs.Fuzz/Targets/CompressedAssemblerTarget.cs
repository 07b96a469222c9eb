using RawWs.Compression;

namespace RawWs.Fuzz;

/// <summary>What a client sends after a handshake that has agreed on permessage-deflate.</summary>
internal sealed class CompressedAssemblerTarget : FuzzTarget
{
    public override string Name => "assembler-compressed";

    public override string Description => "MessageAssembler with permessage-deflate: the same messages in any segmentation, bombs stopped at the limit, no more memory than they take";

    public override IReadOnlyList<string> CorpusFolders => ["compressed", "frames"];

    public override InputGrammar Grammar { get; } = new CompressedFrameGrammar();

    // Bombs are run several times, up to the limit of the roomy setup, and their transcripts are copies.
    public override long AllocationBudget => 16 << 20;

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var behaviour = new Behaviour();
        var noTakeover = random.OneIn(2);
        var deflate = new DeflateParameters(noTakeover, noTakeover, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15);

        AssemblerSetup[] setups =
        [
            new(AssemblerSetup.Middling) { Deflate = deflate },
            new(AssemblerSetup.Middling, Streaming: true) { Deflate = deflate },
            new(AssemblerSetup.Tight) { Deflate = deflate },
            new(AssemblerSetup.Tight, Streaming: true) { Deflate = deflate },
            new(AssemblerSetup.Middling, DiscardAfter: 2) { Deflate = deflate },
        ];
        AssemblerComparison.Run(setups[0], input, random, ref behaviour);
        AssemblerComparison.Run(setups[random.Between(1, setups.Length - 1)], input, random, ref behaviour);

        // zlib looks further back than it was told to where the output of the same call reaches there. Who breaks this promise may pass with some pieces
        // and fail with others, so that a small window is only held to what holds for one.
        var narrow = new AssemblerSetup(AssemblerSetup.Middling) { Deflate = deflate with { ClientMaxWindowBits = random.Between(8, 14) } };
        AssemblerRun.Of(narrow, input, Arrivals.Random(input.Length, random));
        return behaviour.Hash;
    }
}
