using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>How many messages, each in one frame, are on their way to be counted as sent.</summary>
internal struct FrameTally
{
    private int _textCount;
    private int _binaryCount;
    private long _textBytes;
    private long _binaryBytes;

    public readonly int Count => _textCount + _binaryCount;

    public readonly bool IsEmpty => Count == 0;

    public void Add(Opcode opcode, long payloadLength)
    {
        if (opcode == Opcode.Text)
            (_textCount, _textBytes) = (_textCount + 1, _textBytes + payloadLength);
        else
            (_binaryCount, _binaryBytes) = (_binaryCount + 1, _binaryBytes + payloadLength);
    }

    public void Add(in FrameTally other)
    {
        (_textCount, _textBytes) = (_textCount + other._textCount, _textBytes + other._textBytes);
        (_binaryCount, _binaryBytes) = (_binaryCount + other._binaryCount, _binaryBytes + other._binaryBytes);
    }

    /// <summary>The network has taken them.</summary>
    /// <param name="metrics">Where they are counted.</param>
    /// <param name="publishedCount">How many of them have not been counted as published.</param>
    public void CountAsSent(ServerMetrics metrics, int publishedCount = 0)
    {
        // Mostly they are of one type, and there is one place to be found.
        if (_textCount == 0)
        {
            metrics.MessagesSent(Opcode.Binary, _binaryCount, _binaryBytes, publishedCount);
        }
        else
        {
            metrics.MessagesSent(Opcode.Text, _textCount, _textBytes, publishedCount);
            metrics.MessagesSent(Opcode.Binary, _binaryCount, _binaryBytes);
        }

        this = default;
    }
}
