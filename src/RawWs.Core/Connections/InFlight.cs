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

    /// <summary>How many bytes they have together, headers included.</summary>
    public long Bytes { get; private set; }

    public readonly int Count => _textCount + _binaryCount;

    public void Add(EncodedFrame frame)
    {
        SendBudget.Take(frame.Bytes.Length);
        Bytes += frame.Bytes.Length;

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
        SendBudget.Return(Bytes);
        this = default;
    }
}
