using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>Feeds the same bytes to the same setup in several ways.</summary>
internal static class AssemblerComparison
{
    /// <summary>Whole, byte by byte and in random pieces, which must make no difference.</summary>
    /// <returns>What was delivered.</returns>
    public static List<AssemblerEvent> Run(AssemblerSetup setup, byte[] input, SplitMix64 random, ref Behaviour behaviour)
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

        return events;
    }

    private static void AddTo(ref Behaviour behaviour, List<AssemblerEvent> events)
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
