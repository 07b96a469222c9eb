namespace RawWs.Redis.Rooms;

/// <summary>A question that other nodes have been asked, and what they have answered so far.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PendingCount(IEnumerable<NodeId> asked)
{
    private readonly Lock _gate = new();
    private readonly HashSet<NodeId> _owing = [.. asked];
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<NodeId> _answered = [];
    private long _members;

    /// <summary>Completes when nobody owes an answer.</summary>
    public Task Complete
    {
        get
        {
            lock (_gate)
            {
                return _owing.Count == 0 ? Task.CompletedTask : _complete.Task;
            }
        }
    }

    /// <summary>What has been answered, by how many, and whether all have.</summary>
    public (long Members, int Nodes, bool IsComplete) Result
    {
        get
        {
            lock (_gate)
            {
                return (_members, _answered.Count, _owing.Count == 0);
            }
        }
    }

    /// <summary>A node has answered.</summary>
    public void Answer(NodeId node, int members)
    {
        lock (_gate)
        {
            if (_answered.Add(node))
                _members += members;

            Settle_NeedsLock(node);
        }
    }

    /// <summary>A node will not answer any more: it has ended.</summary>
    public void Excuse(NodeId node)
    {
        lock (_gate)
        {
            Settle_NeedsLock(node);
        }
    }

    private void Settle_NeedsLock(NodeId node)
    {
        if (_owing.Remove(node) && _owing.Count == 0)
            _complete.TrySetResult();
    }
}
