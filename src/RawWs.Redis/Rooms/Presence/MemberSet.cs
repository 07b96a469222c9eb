using System.Runtime.InteropServices;

namespace RawWs.Redis.Rooms;

/// <summary>Who is in which rooms on one node.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class MemberSet
{
    private readonly Dictionary<string, Dictionary<long, string?>> _rooms = new(StringComparer.Ordinal);

    /// <summary>How many there are, in all rooms together.</summary>
    public int Count { get; private set; }

    /// <summary>All of them.</summary>
    public IEnumerable<(string Room, long Id, string? Info)> All => _rooms.SelectMany(static room => room.Value.Select(member => (room.Key, member.Key, member.Value)));

    /// <summary>Those of one room, with what is said about them.</summary>
    public IReadOnlyDictionary<long, string?> this[string room] => _rooms.GetValueOrDefault(room) ?? [];

    public bool Contains(string room, long id) => _rooms.TryGetValue(room, out var members) && members.ContainsKey(id);

    /// <summary>Adds one, or says something else about it.</summary>
    /// <returns>Whether it was added.</returns>
    public bool Set(string room, long id, string? info)
    {
        ref var members = ref CollectionsMarshal.GetValueRefOrAddDefault(_rooms, room, out _);
        members ??= [];
        ref var said = ref CollectionsMarshal.GetValueRefOrAddDefault(members, id, out var wasThere);
        said = info;
        if (!wasThere)
            Count++;

        return !wasThere;
    }

    /// <returns>Whether it was there.</returns>
    public bool Remove(string room, long id, out string? info)
    {
        info = null;
        if (!_rooms.TryGetValue(room, out var members) || !members.Remove(id, out info))
            return false;

        Count--;
        if (members.Count == 0)
            _rooms.Remove(room);

        return true;
    }
}
