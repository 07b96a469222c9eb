namespace RawWs.Redis.Rooms;

/// <summary>What waits to be sent to other nodes: numbered, in order, and bounded. What does not fit leaves a gap in the numbers, by which the others know.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="self">Whose it is.</param>
/// <param name="capacity">How many it holds.</param>
/// <param name="sizeCapacity">Bytes that these have together.</param>
internal sealed class Outbox(NodeId self, int capacity, int sizeCapacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _waiting = new();
    private ulong _sequence;
    private long _size;

    // Whether a number was given to something that will not be sent, and nothing behind it shows that yet.
    private bool _hasUntoldGap;

    /// <summary>How much waits.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Numbers what was written, and keeps it.</summary>
    /// <returns><see langword="false"/> if it does not fit.</returns>
    public bool TryAdd(byte[] written)
    {
        lock (_gate)
        {
            _sequence++;
            if (_waiting.Count >= capacity || _size + written.Length > sizeCapacity)
            {
                _hasUntoldGap = true;
                return false;
            }

            Add_NeedsLock(written);
            return true;
        }
    }

    /// <summary>Something that was to be sent is not even tried.</summary>
    public void Skip()
    {
        lock (_gate)
        {
            _sequence++;
            _hasUntoldGap = true;
        }
    }

    /// <summary>What has waited longest. It stays until it is removed.</summary>
    /// <param name="maxCount">How many, at most.</param>
    /// <param name="maxSize">Bytes that they have together, at most; one is there in any case.</param>
    public byte[][] Peek(int maxCount, int maxSize)
    {
        lock (_gate)
        {
            // Nothing follows by which the others would see what is missing.
            if (_waiting.Count == 0 && _hasUntoldGap)
            {
                _sequence++;
                Add_NeedsLock(Envelope.WriteMarker(self));
            }

            var size = 0L;
            return [.. _waiting.Take(maxCount).TakeWhile((each, place) => (size += each.Length) <= maxSize || place == 0)];
        }
    }

    /// <summary>What has waited longest was sent, or never will be.</summary>
    public void RemoveFirst(bool wasSent)
    {
        lock (_gate)
        {
            var first = _waiting.Dequeue();
            _size -= first.Length;

            // A marker that is refused is not followed by another: the next broadcast shows the same.
            _hasUntoldGap |= !wasSent && _waiting.Count == 0 && !Envelope.IsMarker(first);
        }
    }

    private void Add_NeedsLock(byte[] written)
    {
        Envelope.SetSequence(written, _sequence);
        _waiting.Enqueue(written);
        _size += written.Length;
        _hasUntoldGap = false;
    }
}
