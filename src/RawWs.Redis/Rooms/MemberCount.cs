namespace RawWs.Redis;

/// <summary>How many members a room has on all nodes together.</summary>
/// <param name="Members">Those of this node, and of all nodes that have answered.</param>
/// <param name="Nodes">How many nodes these are, this one included.</param>
/// <param name="IsPartial">Whether more was to be expected: a node that lives has not answered in time, or this one is not connected to others.</param>
public readonly record struct MemberCount(long Members, int Nodes, bool IsPartial);
