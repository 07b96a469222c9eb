using RawWs.Diagnostics;

namespace RawWs.Connections;

/// <summary>Frames that are on their way into the network, and that it has not taken yet.</summary>
internal sealed class InFlight
{
    private FrameTally _tally;

    // What the budget is charged with: what has been copied into the output, and the large frame that is sent from where it lies.
    private long _cost;
    private EncodedFrame? _large;

    /// <summary>How many bytes they have together, headers included.</summary>
    public long Bytes { get; private set; }

    public int Count => _tally.Count;

    /// <summary>Notes a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="copied">How much of it the output holds a copy of, at most. If that is not all, the frame itself is still needed.</param>
    public void Add(EncodedFrame frame, int copied)
    {
        _tally.Add(frame.Opcode, frame.PayloadLength);
        Bytes += frame.Bytes.Length;
        Charge(copied);
        if (copied == frame.Bytes.Length)
            return;

        frame.Retain();
        _large = frame; // It is alone: whatever comes with others is copied.
    }

    /// <summary>Notes frames that the output holds copies of.</summary>
    public void Add(in FrameTally tally, long bytes)
    {
        _tally.Add(tally);
        Bytes += bytes;
        Charge(bytes);
    }

    /// <summary>The network has taken them.</summary>
    public void Land(ServerMetrics metrics)
    {
        _tally.CountAsSent(metrics);
        Clear();
    }

    /// <summary>They are gone, taken or not.</summary>
    public void Clear()
    {
        WriteOff();
        (_tally, Bytes) = (default, 0);
    }

    /// <summary>The budget does not wait for them any more.</summary>
    public void WriteOff()
    {
        SendBudget.Return(_cost);
        _large?.Release();
        (_cost, _large) = (0, null);
    }

    private void Charge(long bytes)
    {
        SendBudget.Take(bytes);
        _cost += bytes;
    }
}
