namespace RawWs.Redis.Rooms;

/// <summary>
/// Who is in rooms on another node, as far as it has told: its changes, if none before them is missing; otherwise everybody, which it tells when it is asked. Until then it shows who was there before.
/// If there is no room for all, it is asked again when there is.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class NodeMirror(NodeId node)
{
    private readonly string _name = $"{node}";

    // How many of its changes are in the set; null if some are missing.
    private ulong? _number = 0;

    private MemberSet _members = new();

    // Whether somebody is there who is not in the set, for want of room.
    private bool _hasLeftOut;

    // Null while everybody is not being told.
    private ArrivingMembers? _arriving;

    /// <summary>How many are kept.</summary>
    public int Count => _members.Count + (_arriving?.Members.Count ?? 0);

    /// <summary>Adds who is in a room to a list.</summary>
    public void Read(string room, List<RoomMember> members)
    {
        foreach (var (id, info) in _members[room])
            members.Add(new RoomMember(id, info, _name));
    }

    /// <summary>It says how many changes it has told.</summary>
    /// <param name="said">How many.</param>
    /// <param name="hasRoom">Whether there is room again for those for whom there was none.</param>
    /// <returns>Whether it has to be asked for everybody.</returns>
    public bool Take(PresenceMessage.Here said, bool hasRoom)
    {
        if (_number != said.Number || (_hasLeftOut && hasRoom))
            _number = null;

        return _number is null;
    }

    /// <summary>It tells changes.</summary>
    /// <param name="said">The changes.</param>
    /// <param name="capacity">How many may be kept.</param>
    /// <param name="news">Gets what is new.</param>
    /// <returns>Whether it has to be asked for everybody.</returns>
    public bool Take(PresenceMessage.Changes said, int capacity, PresenceNews news)
    {
        // Until it has told everybody, they are for nothing: they will be among them.
        if (_number is not { } number)
            return false;

        if (said.First > number + 1)
        {
            _number = null;
            return true;
        }

        var knownCount = (int)Math.Min(number + 1 - said.First, (ulong)said.Changed.Length);
        foreach (var change in said.Changed.AsSpan(knownCount..))
            Apply(change, capacity, news);

        _number = number + (ulong)(said.Changed.Length - knownCount);
        return false;
    }

    /// <summary>It tells everybody, or some of them.</summary>
    /// <inheritdoc cref="Take(PresenceMessage.Changes, int, PresenceNews)"/>
    public void Take(PresenceMessage.Page said, int capacity, PresenceNews news)
    {
        // Somebody else has asked.
        if (_number == said.Number)
            return;

        if (said.Index == 0)
            _arriving = new ArrivingMembers(said.Number);

        // A part is missing: when it next says how many changes there were, it is asked once more.
        if (_arriving is null || !_arriving.IsNext(said))
        {
            _arriving = null;
            return;
        }

        _arriving.Take(said, _members, capacity, news);
        if (!said.IsLast)
            return;

        Replace(_arriving.Members, news);
        (_number, _hasLeftOut, _arriving) = (_arriving.Number, _arriving.HasLeftOut, null);
    }

    /// <summary>It has ended, or is taken for dead: nobody is there, and nothing is told any more.</summary>
    public void End(PresenceNews news) => Replace(new MemberSet(), news);

    private void Apply(MemberChange change, int capacity, PresenceNews news)
    {
        if (!change.HasJoined)
        {
            if (_members.Remove(change.Room, change.Id, out var info))
                news.Left(change.Room, new RoomMember(change.Id, info, _name));
        }
        else if (Count >= capacity && !_members.Contains(change.Room, change.Id))
        {
            _hasLeftOut = true;
            news.LeftOut();
        }
        else if (_members.Set(change.Room, change.Id, change.Info))
        {
            news.Joined(change.Room, new RoomMember(change.Id, change.Info, _name));
        }
    }

    private void Replace(MemberSet members, PresenceNews news)
    {
        foreach (var (room, id, info) in _members.All.Where(member => !members.Contains(member.Room, member.Id)))
            news.Left(room, new RoomMember(id, info, _name));

        foreach (var (room, id, info) in members.All.Where(member => !_members.Contains(member.Room, member.Id)))
            news.Joined(room, new RoomMember(id, info, _name));

        _members = members;
    }
}
