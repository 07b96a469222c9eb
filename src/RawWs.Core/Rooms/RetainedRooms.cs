using RawWs.Connections;

namespace RawWs.Rooms;

/// <summary>
/// Rooms that nobody is in and that are kept for their history, in the order in which they were left: until their time is over, or their place is needed.
/// </summary>
/// <remarks>Thread-safe. Its lock is taken inside a room's.</remarks>
internal sealed class RetainedRooms(DeadlineWheel wheel)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<RoomState> _rooms = new();

    /// <summary>Keeps a room, from now on for its time. Called under its lock.</summary>
    public void Keep(RoomState room)
    {
        lock (_gate)
        {
            Remove_NeedsLock(room);
            room.Place = _rooms.AddLast(room);
        }

        wheel.Schedule(room, wheel.Now + room.Options.HistoryTimeout.Ticks + DeadlineWheel.Tick.Ticks);
    }

    /// <summary>A room is not kept any more: it has members again, or is removed. Called under its lock.</summary>
    public void Forget(RoomState room)
    {
        wheel.Cancel(room);
        lock (_gate)
        {
            Remove_NeedsLock(room);
        }
    }

    /// <summary>Takes out the room that has been kept longest; null if there is none. It may have got members meanwhile.</summary>
    public RoomState? TakeOldest()
    {
        lock (_gate)
        {
            var oldest = _rooms.First?.Value;
            if (oldest is not null)
                Remove_NeedsLock(oldest);

            return oldest;
        }
    }

    private void Remove_NeedsLock(RoomState room)
    {
        if (room.Place is not { } place)
            return;

        _rooms.Remove(place);
        room.Place = null;
    }
}
