namespace RawWs.Connections;

/// <summary>Frames that are noted for a turn of a connection's thread: so few, and for so short a time, that no budget is charged with them.</summary>
internal struct TurnFrames
{
    private const int MinCapacity = 4, MaxKeptCapacity = 16;

    private EncodedFrame[]? _frames;

    public int Count { get; private set; }

    /// <summary>How many bytes they have together, headers included.</summary>
    public int Bytes { get; private set; }

    public readonly ReadOnlySpan<EncodedFrame> Frames => _frames.AsSpan(0, Count);

    public void Add(EncodedFrame frame)
    {
        if (_frames is null)
            _frames = new EncodedFrame[MinCapacity];
        else if (Count == _frames.Length)
            Array.Resize(ref _frames, 2 * Count);

        _frames[Count++] = frame;
        Bytes += frame.Bytes.Length;
    }

    public void Clear()
    {
        if (_frames is { Length: > MaxKeptCapacity })
            _frames = null;
        else
            _frames.AsSpan(0, Count).Clear();

        (Count, Bytes) = (0, 0);
    }
}
