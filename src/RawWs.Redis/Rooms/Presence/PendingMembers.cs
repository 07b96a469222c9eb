namespace RawWs.Redis.Rooms;

/// <summary>A question for the members of a room that other nodes have been asked, and what they have answered so far.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="asked">Who owes an answer.</param>
/// <param name="here">Those of this node.</param>
/// <param name="maxCount">How many are kept.</param>
internal sealed class PendingMembers(IEnumerable<NodeId> asked, IEnumerable<RoomMember> here, int maxCount)
{
    // Behind the last part.
    private const uint End = uint.MaxValue;

    private readonly Lock _gate = new();
    private readonly List<RoomMember> _members = [.. here.Take(maxCount)];
    private readonly Dictionary<NodeId, uint> _nextIndexes = [];
    private readonly PendingCount _count = new(asked);

    /// <summary>Completes when nobody owes an answer.</summary>
    public Task Complete => _count.Complete;

    /// <summary>What has been answered.</summary>
    /// <param name="countHere">How many there are on this node.</param>
    public MemberList ResultWith(int countHere)
    {
        lock (_gate)
        {
            // A node that has named some and not all of them is missing from the count.
            var (members, nodes, isComplete) = _count.Result;
            return new MemberList([.. _members], Math.Max(countHere + members, _members.Count), 1 + nodes, !isComplete);
        }
    }

    /// <summary>A node has answered, or a part of it.</summary>
    public void Answer(PresenceMessage.Answer answer)
    {
        lock (_gate)
        {
            var nextIndex = _nextIndexes.GetValueOrDefault(answer.Node);
            if (answer.Index != nextIndex || nextIndex == End)
                return;

            _members.AddRange(answer.Members.Take(maxCount - _members.Count));
            _nextIndexes[answer.Node] = answer.IsLast ? End : nextIndex + 1;
        }

        if (answer.IsLast)
            _count.Answer(answer.Node, answer.Count);
    }

    /// <summary>A node will not answer any more: it has ended.</summary>
    public void Excuse(NodeId node) => _count.Excuse(node);
}
