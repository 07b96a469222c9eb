namespace RawWs.Redis.Rooms;

/// <summary>Which other nodes live: those that were heard lately.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Roster(TimeProvider time, TimeSpan timeout)
{
    /// <summary>Heartbeats that may be missed.</summary>
    public const int Patience = 3;

    // Far more than there are; what else may come is not a node of ours.
    private const int MaxCount = 4_096;

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, long> _heardAt = [];

    /// <summary>Those that live at this moment.</summary>
    public NodeId[] Living
    {
        get
        {
            lock (_gate)
            {
                RemoveSilent_NeedsLock();
                return [.. _heardAt.Keys];
            }
        }
    }

    /// <summary>A node was heard.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Hear(NodeId node)
    {
        lock (_gate)
        {
            RemoveSilent_NeedsLock();
            if (_heardAt.Count >= MaxCount && !_heardAt.ContainsKey(node))
                return false;

            var count = _heardAt.Count;
            _heardAt[node] = time.GetTimestamp();
            return _heardAt.Count > count;
        }
    }

    /// <summary>A node has ended.</summary>
    public void Remove(NodeId node)
    {
        lock (_gate)
        {
            _heardAt.Remove(node);
        }
    }

    private void RemoveSilent_NeedsLock()
    {
        var now = time.GetTimestamp();
        foreach (var (node, heardAt) in _heardAt)
        {
            // A dictionary may lose entries while it is gone through.
            if (time.GetElapsedTime(heardAt, now) > timeout)
                _heardAt.Remove(node);
        }
    }
}
