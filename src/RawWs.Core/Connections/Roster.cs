using System.Runtime.InteropServices;

namespace RawWs.Connections;

/// <summary>A set of what knows its place in it, in no order. A member takes 8 to 16 bytes, and in a set that looks for it 20 to 40.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Roster<T>
    where T : class, IListed
{
    /// <summary>What it keeps of a crowd that has gone.</summary>
    private const int MinCapacity = 64;

    private readonly List<T> _members = [];

    public int Count => _members.Count;

    /// <summary>For how many it has memory.</summary>
    public int Capacity => _members.Capacity;

    /// <summary>Everybody, in a span that is good until somebody comes or goes.</summary>
    public ReadOnlySpan<T> Members => CollectionsMarshal.AsSpan(_members);

    /// <summary>Takes in somebody who is in none.</summary>
    public void Add(T member)
    {
        member.Place = _members.Count;
        _members.Add(member);
    }

    /// <summary>Lets somebody go, who may have gone already. The last one takes over the place.</summary>
    public void Remove(T member)
    {
        if (member.Place < 0)
            return;

        var last = _members[^1];
        _members[member.Place] = last;
        last.Place = member.Place;
        member.Place = -1;
        _members.RemoveAt(_members.Count - 1);
        if (_members.Capacity > MinCapacity && _members.Count < _members.Capacity / 4)
            _members.Capacity = Math.Max(MinCapacity, 2 * _members.Count);
    }
}
