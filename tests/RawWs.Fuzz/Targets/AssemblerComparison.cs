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
            if (!IsSame(setup, events, others))
                throw new FindingException($"the pieces changed the outcome: {setup}, {arrivals}: {Difference(events, others)}");
        }

        return events;
    }

    // A compressed message that is malformed and too large: zlib sees as far ahead as there is input and room, and so which it is first depends on the pieces.
    private static bool IsSame(AssemblerSetup setup, List<AssemblerEvent> whole, List<AssemblerEvent> pieces)
        => whole.SequenceEqual(pieces)
            || (setup.Deflate is not null
                && whole.SkipLast(1).SequenceEqual(pieces.SkipLast(1))
                && (whole.LastOrDefault()?.Code, pieces.LastOrDefault()?.Code) is (1007, 1009) or (1009, 1007));

    private static string Difference(List<AssemblerEvent> whole, List<AssemblerEvent> pieces)
    {
        var at = whole.Zip(pieces).TakeWhile(pair => pair.First.Equals(pair.Second)).Count();
        return $"event {at} is\n{pieces.ElementAtOrDefault(at)}\ninstead of\n{whole.ElementAtOrDefault(at)}";
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
