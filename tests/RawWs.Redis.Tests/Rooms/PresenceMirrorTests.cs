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

    [Fact]
    public void Who_was_left_out_is_asked_for_when_a_quarter_is_free_again()
    {
        var mirror = new PresenceMirror(capacity: 8);
        Assert.Equal(2, mirror.Take(Changes(1, Crowd(1, 10)), out _).LeftOutCount);
        Assert.False(Asks(mirror, 10));
        mirror.Take(Changes(11, Left(1)), out _);
        Assert.False(Asks(mirror, 11));
        mirror.Take(Changes(12, Left(2)), out _);
        Assert.True(Asks(mirror, 12));

        var news = mirror.Take(new PresenceMessage.Page(_node, 12, 0, IsLast: true, Crowd(3, 8)), out _);
        Assert.Equal(["9", "10"], news.Changes.Select(static change => change.Member.Info));
        Assert.Equal((0, 8), (news.LeftOutCount, mirror.Count));

        // That was all: there is nobody to be asked for, however much is free.
        mirror.Take(Changes(13, [.. Crowd(3, 8).Select(static each => Left(each.Id))]), out _);
        Assert.False(Asks(mirror, 20));
        Assert.Equal(0, mirror.Count);
    }

    [Fact]
    public void While_there_are_too_many_nobody_is_asked_again_and_again()
    {
        var mirror = new PresenceMirror(capacity: 8);
        mirror.Take(Changes(1, Crowd(1, 20)), out _);
        mirror.Take(Changes(21, Left(1), Left(2)), out _);
        Assert.True(Asks(mirror, 22));
        Assert.Equal(10, mirror.Take(new PresenceMessage.Page(_node, 22, 0, IsLast: true, Crowd(3, 18)), out _).LeftOutCount);
        for (var count = 0; count < 10; count++)
            Assert.False(Asks(mirror, 22));

        mirror.Take(Changes(23, Left(3), Joined(21, "21"), Left(4)), out _);
        Assert.False(Asks(mirror, 25));
        mirror.Take(Changes(26, Left(5)), out _);
        Assert.True(Asks(mirror, 26));
    }

    [Fact]
    public void Room_that_another_node_has_left_is_room_for_those_who_were_left_out()
    {
        var mirror = new PresenceMirror(capacity: 8);
        mirror.Take(new PresenceMessage.Changes(NodeId.New(), 1, Crowd(1, 8)), out _);
        mirror.Take(Changes(1, Crowd(1, 3)), out _);
        Assert.False(Asks(mirror, 3));

        mirror.KeepOnly([_node]);
        Assert.True(Asks(mirror, 3));
        mirror.Take(new PresenceMessage.Page(_node, 3, 0, IsLast: true, Crowd(1, 3)), out _);
        Assert.Equal(3, mirror.Count);
        Assert.False(Asks(mirror, 3));
    }

    [Fact]
    public void The_one_who_fits_is_asked_for_when_it_is_free()
    {
        var mirror = new PresenceMirror(capacity: 1);
        mirror.Take(Changes(1, Crowd(1, 2)), out _);
        Assert.False(Asks(mirror, 2));
        mirror.Take(Changes(3, Left(1)), out _);
        Assert.True(Asks(mirror, 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public void Who_is_shown_and_there_stays_in_whatever_order_everybody_is_told(int pageLength)
    {
        var mirror = new PresenceMirror(capacity: 8);
        mirror.Take(Changes(1, Crowd(1, 20)), out _);
        mirror.Take(Changes(21, Left(1), Left(2)), out _);
        Assert.True(Asks(mirror, 22));

        MemberChange[][] pages = [.. Crowd(3, 18).Reverse().Chunk(pageLength)];
        PresenceNews[] news = [.. pages.Select((page, index) => mirror.Take(new PresenceMessage.Page(_node, 22, (uint)index, index == pages.Length - 1, page), out _))];

        Assert.Equal(["+20", "+19"], news.SelectMany(static each => each.Changes).Select(static change => $"{(change.HasJoined ? '+' : '-')}{change.Member.Info}").OrderDescending(StringComparer.Ordinal));
        Assert.Equal((10, 8), (news.Sum(static each => each.LeftOutCount), mirror.Count));
    }

    [Fact]
    public void Nobody_leaves_because_several_nodes_are_telling_everybody_at_once()
    {
        var (mirror, other) = (new PresenceMirror(capacity: 8), NodeId.New());
        mirror.Take(Changes(1, Crowd(1, 4)), out _);
        mirror.Take(new PresenceMessage.Changes(other, 1, Crowd(11, 4)), out _);
        Assert.True(Asks(mirror, 9));
        mirror.Take(new PresenceMessage.Here(other, 9, IsAsking: false), out var asksOther);
        Assert.True(asksOther);

        PresenceNews[] news =
        [
            mirror.Take(new PresenceMessage.Page(_node, 9, 0, IsLast: false, Crowd(1, 3)), out _),
            mirror.Take(new PresenceMessage.Page(other, 9, 0, IsLast: false, Crowd(11, 3)), out _),
            mirror.Take(new PresenceMessage.Page(_node, 9, 1, IsLast: true, Crowd(4, 1)), out _),
            mirror.Take(new PresenceMessage.Page(other, 9, 1, IsLast: true, Crowd(14, 1)), out _),
        ];
        Assert.All(news, static each => Assert.Empty(each.Changes));
        Assert.Equal(8, mirror.Count);
    }

    private static MemberChange[] Crowd(int first, int count) => [.. Enumerable.Range(first, count).Select(static id => Joined(id, $"{id}"))];

    private static MemberChange Joined(long id, string info) => new("a", id, info, HasJoined: true);

    private static MemberChange Left(long id) => new("a", id, null, HasJoined: false);

    private PresenceMessage.Changes Changes(ulong first, params MemberChange[] changes) => new(_node, first, changes);

    private bool Asks(PresenceMirror mirror, ulong number)
    {
        mirror.Take(new PresenceMessage.Here(_node, number, IsAsking: false), out var asks);
        return asks;
    }

    private string[] Take(PresenceMessage said, bool mustAsk = false)
    {
        var news = _mirror.Take(said, out var asks);
        Assert.Equal(mustAsk, asks);
        return [.. news.Changes.Select(change => $"{(change.HasJoined ? '+' : '-')}{change.Member.Info}")];
    }

    private void AssertHere(params string[] names) => Assert.Equal(names, _mirror.Read("a").Select(member => member.Info).Order(StringComparer.Ordinal));
}
