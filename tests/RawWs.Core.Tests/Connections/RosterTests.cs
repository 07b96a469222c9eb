using FsCheck.Fluent;
using RawWs.Connections;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Connections;

public sealed class RosterTests
{
    private readonly Roster<Member> _roster = new();

    [Fact]
    public void Who_goes_twice_takes_nobody_along()
    {
        var (first, second) = (new Member(), new Member());
        _roster.Add(first);
        _roster.Add(second);
        _roster.Remove(first);
        _roster.Remove(first);

        Assert.Equal([second], _roster.Members.ToArray());
    }

    [Fact]
    public void Who_was_never_in_can_go()
    {
        _roster.Add(new Member());
        _roster.Remove(new Member());

        Assert.Equal(1, _roster.Count);
    }

    [Fact]
    public void Who_has_gone_can_come_again()
    {
        var member = new Member();
        _roster.Add(member);
        _roster.Remove(member);
        _roster.Add(member);

        Assert.Equal([member], _roster.Members.ToArray());
    }

    [Fact]
    public void A_crowd_that_has_gone_does_not_keep_its_memory()
    {
        var crowd = Enumerable.Range(0, 100_000).Select(static _ => new Member()).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var member in crowd)
            _roster.Add(member);

        foreach (var member in crowd)
            _roster.Remove(member);

        Assert.Equal(0, _roster.Count);
        Assert.InRange(_roster.Capacity, 0, 64);

        // What is taken and given back on the way is a few times what the crowd needs, however many go one by one.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * 8 * crowd.Length);
    }

    [Fact]
    public void It_has_who_came_and_did_not_go()
        => Properties.Check(Prop.ForAll(Gen.Choose(0, 31).ListOf().ToArbitrary(), steps =>
        {
            var (roster, model) = (new Roster<Member>(), new HashSet<Member>());
            var everybody = Enumerable.Range(0, 32).Select(static _ => new Member()).ToArray();
            foreach (var member in steps.Select(step => everybody[step]))
            {
                if (model.Add(member))
                    roster.Add(member);
                else if (model.Remove(member))
                    roster.Remove(member);
            }

            return roster.Count == model.Count && model.SetEquals(roster.Members.ToArray());
        }));

    private sealed class Member : IListed
    {
        public int Place { get; set; } = -1;
    }
}
