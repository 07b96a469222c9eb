using System.Buffers;

namespace RawWs.SocketIO;

// Who is meant by rooms.
internal sealed partial class RoomTable
{
    /// <summary>Who is in any of some rooms, or all if none is named, and in none of others; each once. Costs no memory for each of them.</summary>
    public SocketSelection Select(IReadOnlyList<string> rooms, IReadOnlyList<string> except)
    {
        lock (_gate)
        {
            if (except.Count == 0 && rooms.Count == 0)
                return new SocketSelection(Everybody_NeedsLock());

            if (except.Count == 0 && rooms.Count == 1 && _rooms.TryGetValue(rooms[0], out var members))
                return new SocketSelection(members.Snapshot);

            // One for an owner who may be alone there.
            var capacity = 0;
            for (var index = 0; index < rooms.Count; index++)
                capacity += _rooms.GetValueOrDefault(rooms[index])?.Count ?? 1;

            var selected = ArrayPool<SocketIOSocket>.Shared.Rent(rooms.Count == 0 ? _sockets.Count : capacity);
            var count = 0;
            if (rooms.Count == 0)
                SelectFrom_NeedsLock(Everybody_NeedsLock(), rooms, 0, except, selected, ref count);

            for (var index = 0; index < rooms.Count; index++)
            {
                if (_rooms.TryGetValue(rooms[index], out members))
                    SelectFrom_NeedsLock(members.Snapshot, rooms, index, except, selected, ref count);
                else if (OwnerOf_NeedsLock(rooms[index]) is { } owner)
                    SelectFrom_NeedsLock([owner], rooms, index, except, selected, ref count);
            }

            return new SocketSelection(selected, count);
        }
    }

    // Whoever is in an earlier room of the list has been taken from there.
    private static void SelectFrom_NeedsLock(
        ReadOnlySpan<SocketIOSocket> sockets, IReadOnlyList<string> rooms, int earlierCount, IReadOnlyList<string> except, SocketIOSocket[] selected, ref int count)
    {
        foreach (var socket in sockets)
        {
            if (!IsInAny_NeedsLock(socket, rooms, earlierCount) && !IsInAny_NeedsLock(socket, except, except.Count))
                selected[count++] = socket;
        }
    }

    private static bool IsInAny_NeedsLock(SocketIOSocket socket, IReadOnlyList<string> names, int count)
    {
        for (var index = 0; index < count; index++)
        {
            if (IsIn_NeedsLock(socket, names[index]))
                return true;
        }

        return false;
    }
}
