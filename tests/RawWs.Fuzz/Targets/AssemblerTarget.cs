using RawWs.Protocol;

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

        foreach (var setup in (AssemblerSetup[])[new(AssemblerSetup.Roomy), random.Of<AssemblerSetup>(Others)])
        {
            var events = AssemblerRun.Of(setup, input, Arrivals.Whole(input.Length));
            AddTo(ref behaviour, events);

            foreach (var arrivals in (Arrivals[])
                [
                    Arrivals.ByteByByte(input.Length, areSegments: random.OneIn(2)), Arrivals.Random(input.Length, random), Arrivals.Random(input.Length, random),
                ])
            {
                var others = AssemblerRun.Of(setup, input, arrivals);
                FindingException.ThrowUnless(
                    events.SequenceEqual(others),
                    $"the pieces changed the outcome: {setup}, {arrivals}: {string.Join(", ", others)} instead of {string.Join(", ", events)}");
            }
        }

        return behaviour.Hash;
    }

    internal static void AddTo(ref Behaviour behaviour, List<AssemblerEvent> events)
    {
        foreach (var happened in events.Take(8))
        {
            behaviour.Add((int?)happened.Kind ?? happened.Code);
            behaviour.Add((int)happened.Type);
            behaviour.AddLength(happened.Payload.Length);

            if (happened.Kind is ReceivedKind.Close && happened.Payload.Length >= 2)
                behaviour.Add(happened.Payload.AsSpan(0, 1));
        }
    }
}
