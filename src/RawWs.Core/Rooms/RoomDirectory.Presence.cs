namespace RawWs;

public sealed partial class RoomDirectory
{
    /// <summary>Who is in a room, here and on other nodes.</summary>
    internal IReadOnlyList<RoomMember> PresenceOf(string name)
    {
        var here = ReadMembers(name, int.MaxValue);
        return Broadcaster.Backplane.ReadPresence(name) is { Count: > 0 } elsewhere ? [.. here, .. elsewhere] : here;
    }

    /// <summary>Who is in a room here.</summary>
    internal IReadOnlyList<RoomMember> ReadMembers(string name, int maxCount) => Find(name)?.ReadMembers(maxCount) ?? [];

    /// <summary>Tells the members of a room that somebody has joined on another node, or left.</summary>
    internal void DeliverPresence(string name, RoomMember member, bool hasJoined)
    {
        if (Find(name) is not { Options: { SharesPresence: true, Notice: not null } } room)
            return;

        room.AnnounceElsewhere(member, hasJoined);
        Announcements.Tell(name);
    }
}
