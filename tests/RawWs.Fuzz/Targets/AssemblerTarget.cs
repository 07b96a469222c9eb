namespace RawWs.Fuzz;

/// <summary>What a client sends after the handshake, whole, in every single byte, and in random pieces.</summary>
internal sealed class AssemblerTarget : FuzzTarget
{
    private static readonly AssemblerSetup[] Others =
    [
        new(AssemblerSetup.Roomy, Streaming: true),
        new(AssemblerSetup.Tight),
        new(AssemblerSetup.Tight, Streaming: true),
        new(AssemblerSetup.Roomy, DiscardAfter: 1),
        new(AssemblerSetup.Tight, DiscardAfter: 2),
    ];

    public override string Name => "assembler";

    public override string Description => "MessageAssembler: the same messages in any segmentation, within the limits, valid, with progress at every call";

    public override IReadOnlyList<string> CorpusFolders => ["frames"];

    public override InputGrammar Grammar { get; } = new FrameGrammar();

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var behaviour = new Behaviour();

        AssemblerComparison.Run(new AssemblerSetup(AssemblerSetup.Roomy), input, random, ref behaviour);
        AssemblerComparison.Run(random.Of<AssemblerSetup>(Others), input, random, ref behaviour);
        return behaviour.Hash;
    }
}
