using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>The header of the PROXY protocol, in any pieces.</summary>
internal sealed class ProxyHeaderTarget : FuzzTarget
{
    public override string Name => "proxy-header";

    public override string Description => "ProxyHeader: one verdict in any segmentation, nothing consumed before it, and never more waited for than a header may have";

    public override IReadOnlyList<string> CorpusFolders => ["proxy-headers"];

    public override InputGrammar Grammar { get; } = new ProxyHeaderGrammar();

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var outcome = Read(input, Arrivals.Whole(input.Length));
        foreach (var arrivals in (Arrivals[])[Arrivals.ByteByByte(input.Length, areSegments: random.OneIn(2)), Arrivals.Random(input.Length, random), Arrivals.Random(input.Length, random)])
        {
            var other = Read(input, arrivals);
            FindingException.ThrowUnless(outcome == other, $"the pieces changed the outcome: {arrivals}: {other} instead of {outcome}");
        }

        var behaviour = new Behaviour();
        behaviour.Add((outcome.IsRefused ? 1 : 0) + (outcome.Header.Source is null ? 0 : 2) + (outcome.Header.IsSecure ? 4 : 0));
        behaviour.AddLength(outcome.Length);
        return behaviour.Hash;
    }

    /// <returns>The header, its length, and whether it was refused; a length of 0 if it is neither.</returns>
    private static (ProxyHeader Header, int Length, bool IsRefused) Read(byte[] input, Arrivals arrivals)
    {
        var buffer = new ReceiveBuffer(input, arrivals.AreSegments);
        try
        {
            foreach (var end in arrivals.Ends)
            {
                var unread = buffer.Receive(end);
                var offered = unread.Length;
                if (ProxyHeader.TryRead(ref unread, out var header))
                    return (header, (int)(offered - unread.Length), false);

                FindingException.ThrowUnless(unread.Length == offered, "it consumed input without a result");
                FindingException.ThrowUnless(offered < ProxyHeader.MaxBinaryLength, "it waits for more than a header may have");
                buffer.Release(unread);
            }
        }
        catch (ProxyHeaderException)
        {
            return (default, 0, true);
        }

        return default;
    }
}
