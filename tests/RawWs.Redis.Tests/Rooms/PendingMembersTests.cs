using RawWs.Redis.Rooms;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>Answers to a question for the members of a room, which come in parts.</summary>
public sealed class PendingMembersTests
{
    private const int Many = 100;

    private static readonly NodeId One = NodeId.New(), Other = NodeId.New();

    [Fact]
    public void A_part_that_is_not_the_next_one_is_for_nothing()
    {
        var pending = new PendingMembers([One], [], Many);

        pending.Answer(Part(One, 1, isLast: true, 2));
        Assert.False(pending.Complete.IsCompleted);
        pending.Answer(Part(One, 0, isLast: false, 1));
        pending.Answer(Part(One, 0, isLast: false, 1));
        pending.Answer(Part(One, 1, isLast: true, 2));
        pending.Answer(Part(One, 2, isLast: true, 3));

        Assert.True(pending.Complete.IsCompleted);
        var list = pending.ResultWith(0);
        Assert.Equal([1L, 2L], list.Members.Select(static member => member.ConnectionId));
        Assert.Equal((2, false), (list.Nodes, list.IsPartial));
    }

    [Fact]
    public void Whoever_has_been_named_is_counted_also_when_the_rest_of_its_node_does_not_come()
    {
        var pending = new PendingMembers([One, Other], [new RoomMember(7, null, "here")], Many);
        pending.Answer(Part(One, 0, isLast: false, 1, 2));

        var list = pending.ResultWith(1);

        Assert.Equal((3, 1, true), (list.Count, list.Nodes, list.IsPartial));
        Assert.Equal([7L, 1L, 2L], list.Members.Select(static member => member.ConnectionId));
    }

    private static PresenceMessage.Answer Part(NodeId node, uint index, bool isLast, params long[] ids)
        => new(node, 1, One, Count: 2, index, isLast, [.. ids.Select(id => new RoomMember(id, null, $"{node}"))]);
}
