namespace RawWs.Redis.Rooms;

/// <summary>How far each node has been heard: what comes twice is known, and so is what is missing.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="capacity">How many nodes are remembered; the one that was heard first goes for one more.</param>
internal sealed class NodeSequences(int capacity)
{
    private readonly Dictionary<NodeId, (ulong Sequence, int Round)> _heard = [];
    private readonly Queue<NodeId> _byAge = new();
    private int _round;

    /// <summary>What a message of a node is, by its number.</summary>
    public enum Verdict
    {
        /// <summary>The next one, or the first that is heard of this node.</summary>
        Next,

        /// <summary>It was heard before.</summary>
        Duplicate,

        /// <summary>Some before it are missing.</summary>
        BehindGap,
    }

    /// <summary>A message of a node has come.</summary>
    public Verdict Take(NodeId node, ulong sequence)
    {
        if (!_heard.TryGetValue(node, out var last))
        {
            _byAge.Enqueue(node);
            if (_byAge.Count > capacity)
                _heard.Remove(_byAge.Dequeue());

            _heard.Add(node, (sequence, _round));
            return Verdict.Next;
        }

        if (sequence <= last.Sequence)
            return Verdict.Duplicate;

        _heard[node] = (sequence, _round);
        return sequence == last.Sequence + 1 || last.Round != _round ? Verdict.Next : Verdict.BehindGap;
    }

    /// <summary>It is known that something is missing: the next message of each node is not told apart by that any more.</summary>
    public void Restart() => _round++;
}
