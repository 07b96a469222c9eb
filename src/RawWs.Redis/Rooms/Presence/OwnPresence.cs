namespace RawWs.Redis.Rooms;

/// <summary>Who is in rooms here that share their presence, as other nodes are told: changes have numbers, so that whoever misses one knows, and asks for everybody.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OwnPresence
{
    /// <summary>Changes that wait to be told. If there are more, all of them are dropped, which is as well: whoever misses them is told everybody.</summary>
    public const int MaxWaitingCount = 4_096;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Room, long Id), byte[]> _members = [];
    private readonly List<byte[]> _waiting = [];
    private ulong _number;

    /// <summary>Somebody has joined, or left. For each room called for one change after the other.</summary>
    /// <exception cref="ArgumentException">The name of the room can't travel.</exception>
    public void Change(string room, RoomMember member, bool hasJoined)
    {
        var written = PresenceWriter.Change(room, member, hasJoined);
        lock (_gate)
        {
            if (hasJoined)
                _members[(room, member.ConnectionId)] = written;
            else
                _members.Remove((room, member.ConnectionId));

            if (_waiting.Count >= MaxWaitingCount)
                _waiting.Clear();

            _number++;
            _waiting.Add(written);
        }
    }

    /// <summary>Takes what has not been told yet.</summary>
    /// <param name="withMembers">Whether everybody is to be told as well, behind it.</param>
    /// <returns>The number of the last change, the changes up to it that wait, and everybody after it, or null.</returns>
    public (ulong Number, byte[][] Changes, byte[][]? Members) Take(bool withMembers)
    {
        lock (_gate)
        {
            byte[][] changes = [.. _waiting];
            _waiting.Clear();
            return (_number, changes, withMembers ? [.. _members.Values] : null);
        }
    }
}
