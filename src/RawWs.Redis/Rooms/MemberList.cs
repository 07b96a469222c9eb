namespace RawWs.Redis;

/// <summary>Who is in a room on all nodes together.</summary>
/// <param name="Members">Those of this node first, then those of the nodes that have answered, and no more than were asked for.</param>
/// <param name="Count">How many there are on this node and on those that have answered: more than <paramref name="Members"/> has if it was asked for fewer.</param>
/// <param name="Nodes">How many nodes these are, this one included.</param>
/// <param name="IsPartial">Whether more was to be expected: a node that lives has not answered in time, or can't, or this one is not connected to others.</param>
public readonly record struct MemberList(IReadOnlyList<RoomMember> Members, long Count, int Nodes, bool IsPartial);
