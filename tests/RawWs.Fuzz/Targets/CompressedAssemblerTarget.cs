using RawWs.Compression;

namespace RawWs.Fuzz;

/// <summary>What a client sends after a handshake that has agreed on permessage-deflate.</summary>
internal sealed class CompressedAssemblerTarget : FuzzTarget
{
    private static readonly DeflateParameters[] Agreed =
    [
        new(ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15),
        new(ServerNoContextTakeover: false, ClientNoContextTakeover: false, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15),
        new(ServerNoContextTakeover: false, ClientNoContextTakeover: false, ServerMaxWindowBits: 15, ClientMaxWindowBits: 8),
        new(ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 9, ClientMaxWindowBits: 10),
    ];

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
        var deflate = random.Of<DeflateParameters>(Agreed);

        // zlib looks further back than it was told to where the output of the same call reaches there. What breaks its promise so may pass or fail.
        if (deflate.ClientMaxWindowBits < 15 && PlainInflation.FarthestDistance(input) > 1 << deflate.ClientMaxWindowBits)
            deflate = deflate with { ClientMaxWindowBits = 15 };

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
        return behaviour.Hash;
    }
}
