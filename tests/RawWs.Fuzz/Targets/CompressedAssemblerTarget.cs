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
    public override long AllocationBudget => 64 << 20;

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var behaviour = new Behaviour();
        var deflate = random.Of<DeflateParameters>(Agreed);

        AssemblerSetup[] setups =
        [
            new(AssemblerSetup.Roomy) { Deflate = deflate },
            new(AssemblerSetup.Roomy, Streaming: true) { Deflate = deflate },
            new(AssemblerSetup.Tight) { Deflate = deflate },
            new(AssemblerSetup.Tight, Streaming: true) { Deflate = deflate },
            new(AssemblerSetup.Roomy, DiscardAfter: 2) { Deflate = deflate },
        ];
        AssemblerComparison.Run(setups[0], input, random, ref behaviour);
        AssemblerComparison.Run(setups[random.Between(1, setups.Length - 1)], input, random, ref behaviour);
        return behaviour.Hash;
    }
}
