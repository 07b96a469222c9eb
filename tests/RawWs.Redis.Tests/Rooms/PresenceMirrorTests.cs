using RawWs.Redis.Rooms;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>What a node believes of others, message by message.</summary>
public sealed class PresenceMirrorTests
{
    private readonly NodeId _node = NodeId.New();
    private readonly PresenceMirror _mirror = new(capacity: 5);

    [Fact]
    public void Changes_are_taken_in_order_and_once()
    {
        Assert.Equal(["+Ada", "+Bob"], Take(Changes(1, Joined(1, "Ada"), Joined(2, "Bob"))));
        Assert.Equal(["-Ada"], Take(Changes(2, Joined(2, "Bob"), Left(1))));
        Assert.Empty(Take(Changes(1, Joined(1, "Ada"))));
        Assert.Empty(Take(Changes(4, Left(7))));
        Assert.Empty(Take(new PresenceMessage.Here(_node, 4, IsAsking: false)));
        AssertHere("Bob");
    }

    [Fact]
    public void Behind_a_gap_everybody_is_asked_for_and_until_then_those_from_before_are_shown()
    {
        Take(Changes(1, Joined(1, "Ada"), Joined(2, "Bob")));
        Assert.Empty(Take(Changes(4, Joined(4, "Dan")), mustAsk: true));

        // Once is enough, until it says again that there is more.
        Assert.Empty(Take(Changes(5, Left(4))));
        Assert.Empty(Take(new PresenceMessage.Here(_node, 5, IsAsking: false), mustAsk: true));
        AssertHere("Ada", "Bob");

        Assert.Empty(Take(new PresenceMessage.Page(_node, 5, 0, IsLast: false, [Joined(2, "Bobby")])));
        Assert.Equal(["-Ada", "+Cy"], Take(new PresenceMessage.Page(_node, 5, 1, IsLast: true, [Joined(3, "Cy")])));
        AssertHere("Bobby", "Cy");
        Assert.Equal(["-Cy"], Take(Changes(6, Left(3))));
    }

    [Fact]
    public void The_last_change_that_was_lost_is_missed_at_the_next_heartbeat()
    {
        Take(Changes(1, Joined(1, "Ada")));
        Assert.Empty(Take(new PresenceMessage.Here(_node, 2, IsAsking: false), mustAsk: true));
        Assert.Equal(["-Ada"], Take(new PresenceMessage.Page(_node, 2, 0, IsLast: true, [])));
        Assert.Empty(Take(new PresenceMessage.Here(_node, 2, IsAsking: false)));
    }

    [Fact]
    public void A_part_that_is_missing_leaves_everything_as_it_was_until_all_come()
    {
        Take(Changes(1, Joined(1, "Ada")));
        Take(new PresenceMessage.Here(_node, 3, IsAsking: false), mustAsk: true);
        Assert.Empty(Take(new PresenceMessage.Page(_node, 3, 0, IsLast: false, [Joined(2, "Bob")])));
        Assert.Empty(Take(new PresenceMessage.Page(_node, 3, 2, IsLast: true, [Joined(4, "Dan")])));
        Assert.Empty(Take(new PresenceMessage.Page(_node, 3, 1, IsLast: true, [Joined(3, "Cy")])));
        AssertHere("Ada");

        Take(new PresenceMessage.Here(_node, 3, IsAsking: false), mustAsk: true);
        Assert.Equal(["-Ada", "+Bob"], Take(new PresenceMessage.Page(_node, 3, 0, IsLast: true, [Joined(2, "Bob")])));
        Assert.Equal(1, _mirror.Count);
    }

    [Fact]
    public void Everybody_told_to_somebody_else_changes_nothing()
    {
        Take(Changes(1, Joined(1, "Ada")));
        Assert.Empty(Take(new PresenceMessage.Page(_node, 1, 0, IsLast: true, [])));
        AssertHere("Ada");
    }

    [Fact]
    public void There_is_room_for_so_many_of_all_nodes_together()
    {
        var other = NodeId.New();
        Take(Changes(1, [.. Enumerable.Range(1, 4).Select(id => Joined(id, $"{id}"))]));
        var news = _mirror.Take(new PresenceMessage.Changes(other, 1, [.. Enumerable.Range(1, 4).Select(id => Joined(id, $"other {id}"))]), out _);
        Assert.Equal((1, 3, 5), (news.Changes.Count, news.LeftOutCount, _mirror.Count));

        Take(Changes(5, Left(1), Left(2)));
        Assert.Equal(3, _mirror.Count);
        news = _mirror.KeepOnly([_node]);
        Assert.Equal(("other 1", false), (news.Changes.Single().Member.Info, news.Changes.Single().HasJoined));
        Assert.Equal(2, _mirror.Count);

        // Those who are replaced do not count for those who replace them.
        Take(new PresenceMessage.Here(_node, 9, IsAsking: false), mustAsk: true);
        Take(new PresenceMessage.Page(_node, 9, 0, IsLast: true, [.. Enumerable.Range(3, 9).Select(id => Joined(id, $"{id}"))]));
        Assert.Equal(5, _mirror.Count);
        Assert.Empty(_mirror.KeepOnly([_node]).Changes);
        Assert.Equal(5, _mirror.KeepOnly([]).Changes.Count);
        Assert.Equal(0, _mirror.Count);
    }

    private static MemberChange Joined(long id, string info) => new("a", id, info, HasJoined: true);

    private static MemberChange Left(long id) => new("a", id, null, HasJoined: false);

    private PresenceMessage.Changes Changes(ulong first, params MemberChange[] changes) => new(_node, first, changes);

    private string[] Take(PresenceMessage said, bool mustAsk = false)
    {
        var news = _mirror.Take(said, out var asks);
        Assert.Equal(mustAsk, asks);
        return [.. news.Changes.Select(change => $"{(change.HasJoined ? '+' : '-')}{change.Member.Info}")];
    }

    private void AssertHere(params string[] names) => Assert.Equal(names, _mirror.Read("a").Select(member => member.Info).Order(StringComparer.Ordinal));
}
