using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>What comes from Redis, on its way to the rooms of this node.</summary>
/// <remarks>Called by one thread at a time.</remarks>
internal sealed class Inbox(NodeId self, IRoomReceiver receiver, BackplaneMetrics metrics)
{
    // Far more than there are nodes at once; those that have ended are among them.
    private const int MaxNodeCount = 4_096;

    private readonly NodeSequences _sequences = new(MaxNodeCount);

    /// <summary>Something has come, from another node, this one, or anybody.</summary>
    public void Take(ReadOnlySpan<byte> message)
    {
        if (!Envelope.TryRead(message, out var envelope))
        {
            metrics.Ignored("malformed");
            return;
        }

        if (envelope.Node == self)
            return;

        var verdict = _sequences.Take(envelope.Node, envelope.Sequence);
        if (verdict == NodeSequences.Verdict.Duplicate)
        {
            metrics.Ignored("duplicate");
            return;
        }

        if (verdict == NodeSequences.Verdict.BehindGap)
            receiver.ReportLoss();

        if (envelope.Publication is not { } publication)
            return;

        metrics.Received();
        receiver.Deliver(publication);
    }

    /// <summary>Nobody has said anything yet.</summary>
    public void Begin() => _sequences.Begin();

    /// <summary>Something is missing, of whichever nodes.</summary>
    public void ReportLoss()
    {
        _sequences.Restart();
        receiver.ReportLoss();
    }
}
