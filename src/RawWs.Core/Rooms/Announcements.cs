namespace RawWs.Rooms;

/// <summary>
/// Tells what happens in rooms, for each name in the order in which it happened, whoever does it: changes are noted under the room's lock, and told outside it by
/// the thread that comes first, one after the other.
/// </summary>
/// <remarks>Thread-safe. A room that is made again has the lane of the one that was removed, because lanes go by name.</remarks>
internal sealed class Announcements(Action<Announcement> tell, Func<RoomState, bool> isAnybodyListening)
{
    private const int LaneCount = 64;
    private const int KeptCapacity = 16;

    private readonly Lane[] _lanes = [.. Enumerable.Range(0, LaneCount).Select(_ => new Lane())];

    /// <summary>Notes an announcement down. The room's lock is held.</summary>
    public void Announce_NeedsLock(Announcement announcement)
    {
        if (isAnybodyListening(announcement.Room))
            LaneOf(announcement.Room.Name).Add(announcement);
    }

    /// <summary>Tells what has been noted down for rooms of this name, unless another thread is at it already. No lock is held.</summary>
    public void Tell(string name)
    {
        var lane = LaneOf(name);
        if (!lane.TryBegin())
            return;

        while (lane.TakeNext() is { } announcement)
        {
            try
            {
                tell(announcement);
            }
            catch
            {
                // Handlers' faults have been logged: the log itself has failed. Whoever comes next goes on with the rest.
                lane.Release();
                throw;
            }
        }
    }

    private Lane LaneOf(string name) => _lanes[(uint)name.GetHashCode(StringComparison.Ordinal) % LaneCount];

    private sealed class Lane
    {
        private readonly Lock _gate = new();
        private readonly Queue<Announcement> _waiting = new();
        private bool _isBusy;

        public void Add(Announcement announcement)
        {
            lock (_gate)
            {
                _waiting.Enqueue(announcement);
            }
        }

        /// <returns>Whether it is this caller who tells.</returns>
        public bool TryBegin()
        {
            lock (_gate)
            {
                if (_isBusy || _waiting.Count == 0)
                    return false;

                return _isBusy = true;
            }
        }

        /// <summary>Nobody tells any more.</summary>
        public void Release()
        {
            lock (_gate)
            {
                _isBusy = false;
            }
        }

        /// <returns>What is to be told next; null if nothing is left, and whoever comes next begins anew.</returns>
        public Announcement? TakeNext()
        {
            lock (_gate)
            {
                _isBusy = _waiting.TryDequeue(out var next);

                // A burst does not keep its memory.
                if (!_isBusy && _waiting.Capacity > KeptCapacity)
                    _waiting.TrimExcess(KeptCapacity);

                return next;
            }
        }
    }
}
