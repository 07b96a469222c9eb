namespace RawWs.Redis.Rooms;

/// <summary>How far each node has been heard: what comes twice is known, and so is what is missing.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="capacity">How many nodes are remembered; the one that was heard first goes for one more.</param>
internal sealed class NodeSequences(int capacity)
{
    private readonly Dictionary<NodeId, (ulong Sequence, int Round)> _heard = [];
    private readonly Queue<NodeId> _byAge = new();
    private int _round;

    // Whether whoever is heard for the first time had said nothing before that this node was not to hear.
    private bool _isFromBeginning;

    /// <summary>What a message of a node is, by its number.</summary>
    public enum Verdict
    {
        /// <summary>The next one, or the first that is heard of this node, unless that is to have been heard from its first.</summary>
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
            {
                // Who is forgotten may be heard again.
                _heard.Remove(_byAge.Dequeue());
                _isFromBeginning = false;
            }

            _heard.Add(node, (sequence, _round));
            return _isFromBeginning && sequence > 1 ? Verdict.BehindGap : Verdict.Next;
        }

        if (sequence <= last.Sequence)
            return Verdict.Duplicate;

        _heard[node] = (sequence, _round);
        return sequence == last.Sequence + 1 || last.Round != _round ? Verdict.Next : Verdict.BehindGap;
    }

    /// <summary>Nobody has said anything yet: each node is heard from its first message on.</summary>
    public void Begin() => _isFromBeginning = true;

    /// <summary>It is known that something is missing: the next message of each node is not told apart by that any more.</summary>
    public void Restart()
    {
        _round++;
        _isFromBeginning = false;
    }
}
