using System.Net.WebSockets;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>The same bytes to our assembler and to the runtime's own server side: an implementation that shares no line with ours.</summary>
internal sealed class DifferentialTarget : FuzzTarget
{
    public override string Name => "differential";

    public override string Description => "MessageAssembler and System.Net.WebSockets: the same messages, pings and verdicts, but for the known differences";

    public override IReadOnlyList<string> CorpusFolders => ["frames"];

    public override InputGrammar Grammar { get; } = new FrameGrammar();

    public override ulong Run(byte[] input)
    {
        var ours = ReadWithOurs(input);
        var theirs = ManagedServer.ReadAsync(input).GetAwaiter().GetResult();

        if (KnownDifference.Between(input, ours, theirs) is null)
        {
            FindingException.ThrowUnless(
                ours.Equals(theirs), $"the two servers disagree: ours {ours}, System.Net.WebSockets {theirs}");
        }

        var behaviour = new Behaviour();
        behaviour.Add(ours.Code);
        behaviour.AddLength(ours.Messages.Count);
        behaviour.AddLength(ours.Pings.Count);
        foreach (var (type, payload) in ours.Messages.Take(4))
        {
            behaviour.Add((int)type);
            behaviour.AddLength(payload.Length);
        }

        behaviour.Add(KnownDifference.Between(input, ours, theirs)?.Length ?? 0);
        return behaviour.Hash;
    }

    // What WebSocketConnection does with the events: it reads the close frame, and stops there.
    private static PeerVerdict ReadWithOurs(byte[] input)
    {
        var verdict = new PeerVerdict();
        foreach (var happened in AssemblerRun.Of(new AssemblerSetup(AssemblerSetup.Roomy), input, Arrivals.Whole(input.Length)))
        {
            switch (happened.Kind)
            {
                case null:
                    return verdict with { Code = happened.Code };

                case ReceivedKind.Message:
                    verdict.Messages.Add((happened.Type is MessageType.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary, happened.Payload));
                    break;

                case ReceivedKind.Ping:
                    verdict.Pings.Add(happened.Payload);
                    break;

                case ReceivedKind.Close:
                    return ReadClose(verdict, happened.Payload);
            }
        }

        return verdict;
    }

    private static PeerVerdict ReadClose(PeerVerdict verdict, byte[] payload)
    {
        try
        {
            var close = ClosePayload.Read(payload);
            return verdict with { ClosedWith = (int)close.Code, Reason = close.Reason };
        }
        catch (ProtocolViolationException violation)
        {
            return verdict with { Code = (int)violation.Code };
        }
    }
}
