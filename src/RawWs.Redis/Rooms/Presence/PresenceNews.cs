namespace RawWs.Redis.Rooms;

/// <summary>What members here are to be told of other nodes, in this order.</summary>
internal sealed class PresenceNews
{
    private readonly List<(string Room, RoomMember Member, bool HasJoined)> _changes = [];

    /// <summary>Who has joined, and left.</summary>
    public IReadOnlyList<(string Room, RoomMember Member, bool HasJoined)> Changes => _changes;

    /// <summary>How many have joined for whom there is no room.</summary>
    public int LeftOutCount { get; private set; }

    public void Joined(string room, RoomMember member) => _changes.Add((room, member, true));

    public void Left(string room, RoomMember member) => _changes.Add((room, member, false));

    public void LeftOut() => LeftOutCount++;
}
