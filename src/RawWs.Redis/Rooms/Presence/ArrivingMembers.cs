namespace RawWs.Redis.Rooms;

/// <summary>Everybody on another node, while that is being told, in parts. If there is no room for all, those who are shown already stay: nobody who is there leaves for somebody else.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="number">How many changes it is after.</param>
internal sealed class ArrivingMembers(ulong number)
{
    // Those who are not shown yet, the last on top.
    private readonly Stack<(string Room, long Id)> _newcomers = new();
    private uint _nextIndex;

    /// <summary>How many changes it is after.</summary>
    public ulong Number => number;

    /// <summary>Those who have come.</summary>
    public MemberSet Members { get; } = new();

    /// <summary>Whether there was no room for somebody.</summary>
    public bool HasLeftOut { get; private set; }

    /// <summary>Whether a part is the one that comes now.</summary>
    public bool IsNext(PresenceMessage.Page part) => part.Number == number && part.Index == _nextIndex;

    /// <summary>The next part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="shown">Those who are shown until all have come.</param>
    /// <param name="capacity">How many may be kept. Those who are replaced do not count.</param>
    /// <param name="news">Is told of those for whom there is no room.</param>
    public void Take(PresenceMessage.Page part, MemberSet shown, int capacity, PresenceNews news)
    {
        foreach (var (room, id, info, _) in part.Members)
        {
            if (TryTake((room, id), info, shown, capacity))
                continue;

            HasLeftOut = true;
            news.LeftOut();
        }

        _nextIndex++;
    }

    /// <returns>False if there is no room for it, or for somebody in whose place it comes.</returns>
    private bool TryTake((string Room, long Id) member, string? info, MemberSet shown, int capacity)
    {
        var isShown = shown.Contains(member.Room, member.Id);
        if (Members.Count < capacity || Members.Contains(member.Room, member.Id))
        {
            if (Members.Set(member.Room, member.Id, info) && !isShown)
                _newcomers.Push(member);

            return true;
        }

        if (!isShown)
            return false;

        if (_newcomers.TryPop(out var newcomer))
        {
            Members.Remove(newcomer.Room, newcomer.Id, out _);
            Members.Set(member.Room, member.Id, info);
            return false;
        }

        // Other nodes may need the room for a while in which they are told twice, but not what was this one's already.
        return Members.Count < shown.Count && Members.Set(member.Room, member.Id, info);
    }
}
