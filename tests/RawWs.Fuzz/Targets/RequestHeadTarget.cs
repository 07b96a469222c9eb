using System.Runtime.CompilerServices;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>The opening handshake from its bytes to the verdict, held against <see cref="PlainRequest"/> in both directions.</summary>
internal sealed class RequestHeadTarget : FuzzTarget
{
    private static readonly RequestHeadLimits Roomy = new(MaxRequestLineSize: 1 << 16, MaxRequestHeadSize: 1 << 16, MaxHeaderCount: 1 << 16);
    private static readonly RequestHeadLimits Tight = new(MaxRequestLineSize: 64, MaxRequestHeadSize: 400, MaxHeaderCount: 8);

    private static readonly int[] Statuses = [400, 405, 414, 426, 431, 505];

    public override string Name => "request-head";

    public override string Description => "RequestHead, RequestTarget, OpeningHandshake: one verdict in any segmentation, each byte searched once, and that of a second reader";

    public override IReadOnlyList<string> CorpusFolders => ["heads"];

    public override InputGrammar Grammar { get; } = new HeadGrammar();

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var behaviour = new Behaviour();

        foreach (var limits in (RequestHeadLimits[])[Roomy, Tight])
        {
            var outcome = Read(input, limits, Arrivals.Whole(input.Length));
            foreach (var arrivals in (Arrivals[])
                [Arrivals.ByteByByte(input.Length, areSegments: random.OneIn(2)), Arrivals.Random(input.Length, random), Arrivals.Random(input.Length, random)])
            {
                var other = Read(input, limits, arrivals);
                FindingException.ThrowUnless(outcome.Equals(other), $"the pieces changed the outcome: {arrivals}: {other} instead of {outcome}");
            }

            if (limits == Roomy)
                CheckAgainst(PlainRequest.Read(input), outcome);

            behaviour.Add(Encoding.UTF8.GetBytes($"{outcome.Refusal} {outcome.IsComplete} {outcome.IsHandshake}"));
            behaviour.AddLength(outcome.Fields.Count);
        }

        return behaviour.Hash;
    }

    private static HeadOutcome Read(byte[] input, RequestHeadLimits limits, Arrivals arrivals)
    {
        using var head = new RequestHead(limits);
        var buffer = new ReceiveBuffer(input, arrivals.AreSegments);

        try
        {
            foreach (var end in arrivals.Ends)
            {
                var unread = buffer.Receive(end);
                var offered = unread.Length;
                if (head.TryRead(ref unread))
                    return Judge(head, (int)(end - unread.Length));

                FindingException.ThrowUnless(unread.Length == offered, "it consumed input without a result");

                // Linear work: the search for the end of the line goes on where it stopped.
                FindingException.ThrowUnless(Searched(head) == end, $"it will look at bytes again: {Searched(head)} of {end} are done with");
                FindingException.ThrowUnless(end <= limits.MaxRequestHeadSize, "it waits for more than a head may have");
            }
        }
        catch (RequestRefusedException refusal)
        {
            return Refused(refusal);
        }

        return HeadOutcome.Incomplete;
    }

    private static HeadOutcome Judge(RequestHead head, int length)
    {
        var outcome = new HeadOutcome
        {
            IsComplete = true,
            Length = length,
            Method = Encoding.Latin1.GetString(head.Method),
            Path = head.Target.Path,
            Query = head.Target.Query,
            Fields = [.. Enumerable.Range(0, head.FieldCount).Select(index => (Encoding.Latin1.GetString(head.NameOf(index)), Encoding.Latin1.GetString(head.ValueOf(index))))],
        };

        try
        {
            OpeningHandshake.CheckRequest(head);
            outcome = outcome with { HasValidHost = true };
            OpeningHandshake.CheckUpgrade(head);
            return outcome with { Subprotocols = [.. OpeningHandshake.ReadSubprotocols(head)], IsHandshake = true };
        }
        catch (RequestRefusedException refusal)
        {
            return outcome with { Refusal = Refused(refusal).Refusal };
        }
    }

    private static HeadOutcome Refused(RequestRefusedException refusal)
    {
        FindingException.ThrowUnless(Statuses.Contains((int)refusal.Status), $"it is refused with a status of no rule: {refusal.Status}");
        return new HeadOutcome { Refusal = $"{(int)refusal.Status} {refusal.Message}" };
    }

    private static void CheckAgainst(PlainRequest? plain, HeadOutcome outcome)
    {
        if (plain is null)
        {
            FindingException.ThrowUnless(!outcome.IsComplete, "it accepts a head that the second reader refuses");
            return;
        }

        FindingException.ThrowUnless(outcome.IsComplete, $"it refuses a head that the second reader accepts: {outcome.Refusal}");
        FindingException.ThrowUnless(
            (outcome.Method, outcome.Path, outcome.Query, outcome.Length) == (plain.Method, plain.Path, plain.Query, plain.Length)
                && outcome.Fields.SequenceEqual(plain.Fields),
            $"it reads something else than the second reader: {outcome}");
        FindingException.ThrowUnless(outcome.HasValidHost == plain.HasValidHost, "it judges Host unlike the second reader");
        FindingException.ThrowUnless(outcome.IsHandshake == plain.IsHandshake, $"it judges the handshake unlike the second reader: {outcome}");
        FindingException.ThrowUnless(!outcome.IsHandshake || outcome.Subprotocols.SequenceEqual(plain.Subprotocols!), "it reads other subprotocols");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_searched")]
    private static extern ref int SearchedField(RequestHead head);

    private static int Searched(RequestHead head) => SearchedField(head);
}
