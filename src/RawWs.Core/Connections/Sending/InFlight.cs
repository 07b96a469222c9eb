using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>Frames that are on their way into the network, and that it has not taken yet.</summary>
internal struct InFlight
{
    private int _textCount;
    private int _binaryCount;
    private long _textBytes;
    private long _binaryBytes;

    // What the budget is charged with: what has been copied into the output, and the large frame that is copied piece by piece.
    private long _cost;
    private EncodedFrame? _large;

    /// <summary>How many bytes they have together, headers included.</summary>
    public long Bytes { get; private set; }

    public readonly int Count => _textCount + _binaryCount;

    /// <summary>Notes a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="copied">How much of it the output holds a copy of, at most. If that is not all, the frame itself is still needed.</param>
    public void Add(EncodedFrame frame, int copied)
    {
        SendBudget.Take(copied);
        _cost += copied;
        Bytes += frame.Bytes.Length;
        if (copied < frame.Bytes.Length)
        {
            frame.Retain();
            _large = frame; // It is alone: whatever comes with others is small.
        }

        if (frame.Opcode == Opcode.Text)
            (_textCount, _textBytes) = (_textCount + 1, _textBytes + frame.PayloadLength);
        else
            (_binaryCount, _binaryBytes) = (_binaryCount + 1, _binaryBytes + frame.PayloadLength);
    }

    /// <summary>The network has taken them.</summary>
    public void Land(ServerMetrics metrics)
    {
        metrics.MessagesSent(Opcode.Text, _textCount, _textBytes);
        metrics.MessagesSent(Opcode.Binary, _binaryCount, _binaryBytes);
        Clear();
    }

    /// <summary>They are gone, taken or not.</summary>
    public void Clear()
    {
        WriteOff();
        this = default;
    }

    /// <summary>The budget does not wait for them any more.</summary>
    public void WriteOff()
    {
        SendBudget.Return(_cost);
        _large?.Release();
        (_cost, _large) = (0, null);
    }
}
