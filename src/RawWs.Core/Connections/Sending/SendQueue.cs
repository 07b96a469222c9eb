namespace RawWs.Connections;

/// <summary>
/// What waits for the output of a connection, in order: whole frames, and senders who wait their turn to write themselves. Frames can be dropped or replaced
/// wherever they are.
/// </summary>
/// <remarks>
/// Not thread-safe. A ring of places with running numbers; a place whose frame was dropped from the middle stays behind, empty, until its turn comes.
/// </remarks>
internal sealed class SendQueue
{
    private const int MinRingSize = 8;

    private Place[] _ring = new Place[MinRingSize];

    // Running numbers of the first place and of the one behind the last.
    private long _first;
    private long _end;

    // No frame waits before this place; and how many places are not empty.
    private long _oldestFrame;
    private int _takenCount;

    // The places that hold the newest value of a key. Behind the last message without a key, and only there, one may be replaced where it is.
    private Dictionary<string, long>? _keyed;
    private long _behindLastUnkeyed;

    /// <summary>How many frames wait.</summary>
    public int FrameCount { get; private set; }

    /// <summary>How many bytes the waiting frames have together.</summary>
    public long FrameBytes { get; private set; }

    /// <summary>Whether nobody and nothing waits.</summary>
    public bool IsEmpty => First() is null;

    /// <summary>Puts a sender behind everything else.</summary>
    public void Enqueue(SendWaiter waiter) => _behindLastUnkeyed = Append(new Place(waiter, null)) + 1;

    /// <summary>Puts a frame behind everything else.</summary>
    public void Enqueue(EncodedFrame frame, string? key)
    {
        Remember(frame);
        var number = Append(new Place(frame, key));
        if (key is null)
            _behindLastUnkeyed = number + 1;
        else
            (_keyed ??= new(StringComparer.Ordinal))[key] = number;
    }

    /// <summary>Takes out the frame that waits with <paramref name="key"/>, and puts <paramref name="frame"/> into its place if it may be there.</summary>
    /// <param name="frame">The newer value.</param>
    /// <param name="key">What it is a newer value of.</param>
    /// <param name="room">By how many bytes it may be longer than the older one and still take its place.</param>
    /// <returns>Whether there was one, and whether its place was taken: otherwise the new frame is still to be queued.</returns>
    public (bool WasThere, bool IsReplaced) Conflate(EncodedFrame frame, string key, long room)
    {
        if (_keyed is null || !_keyed.TryGetValue(key, out var number))
            return (false, false);

        ref var place = ref PlaceOf(number);
        var older = (EncodedFrame)place.Content!; // A number among the keyed is that of a frame.

        // Nothing overtakes a message without a key: what says "all begins anew" must not come after a value that it knew nothing of.
        if (number < _behindLastUnkeyed || frame.Bytes.Length - older.Bytes.Length > Math.Max(room, 0))
        {
            TakeOut(number);
            return (true, false);
        }

        Forget(older);
        Remember(frame);
        place = new Place(frame, key);
        return (true, true);
    }

    /// <summary>Takes out the first frame, if it is before every sender.</summary>
    /// <param name="maxLength">Only a frame of at most so many bytes.</param>
    public EncodedFrame? TryDequeueFrame(long maxLength)
    {
        if (First() is not EncodedFrame frame || frame.Bytes.Length > maxLength)
            return null;

        TakeOut(_first++);
        return frame;
    }

    /// <summary>Takes out the first sender, if it is before every frame.</summary>
    public SendWaiter? TryDequeueWaiter()
    {
        if (First() is not SendWaiter waiter)
            return null;

        Empty(_first++);
        return waiter;
    }

    /// <summary>Drops the frame that has waited longest. Senders are passed over.</summary>
    public bool TryDropOldest()
    {
        if (FrameCount == 0)
            return false;

        // Each place is looked at once, however many frames are dropped behind a sender that waits.
        _oldestFrame = Math.Max(_oldestFrame, _first);
        while (PlaceOf(_oldestFrame).Content is not EncodedFrame)
            _oldestFrame++;

        TakeOut(_oldestFrame);
        return true;
    }

    /// <summary>Drops all frames.</summary>
    /// <returns>How many.</returns>
    public int DropFrames()
    {
        var count = FrameCount;
        while (TryDropOldest())
        {
            // Each drops one.
        }

        return count;
    }

    /// <summary>Takes out all senders. No frame waits any more.</summary>
    public void RefuseWaiters()
    {
        while (TryDequeueWaiter() is { } waiter)
            waiter.TrySetResult(false);
    }

    private object? First()
    {
        while (_first < _end)
        {
            if (PlaceOf(_first).Content is { } content)
            {
                if (!HasGivenUp(content))
                    return content;

                Empty(_first);
            }

            _first++;
        }

        // A burst does not keep its memory.
        if (_ring.Length > MinRingSize)
            (_ring, _keyed) = (new Place[MinRingSize], null);

        return null;
    }

    private void TakeOut(long number)
    {
        ref var place = ref PlaceOf(number);
        Forget((EncodedFrame)place.Content!); // The caller has seen that it is one.

        if (place.Key is { } key && _keyed!.TryGetValue(key, out var newest) && newest == number) // Whatever has a key has been put among the keyed.
            _keyed.Remove(key);

        Empty(number);
    }

    private void Empty(long number)
    {
        PlaceOf(number) = default;
        _takenCount--;
    }

    private void Remember(EncodedFrame frame)
    {
        frame.Retain();
        FrameCount++;
        FrameBytes += frame.Bytes.Length;
    }

    private void Forget(EncodedFrame frame)
    {
        frame.Release();
        FrameCount--;
        FrameBytes -= frame.Bytes.Length;
    }

    /// <returns>Its number. Those of all other places may have changed.</returns>
    private long Append(in Place place)
    {
        if (_end - _first == _ring.Length)
            MakeRoom();

        PlaceOf(_end) = place;
        _takenCount++;
        return _end++;
    }

    /// <summary>Closes the gaps that dropped frames and senders who gave up have left, and grows if they were few.</summary>
    private void MakeRoom()
    {
        for (var number = _first; number < _end; number++)
        {
            if (HasGivenUp(PlaceOf(number).Content))
                Empty(number);
        }

        var places = new Place[_takenCount > _ring.Length / 2 ? 2 * _ring.Length : _ring.Length];
        var count = 0;
        var behindLastUnkeyed = 0;
        for (var number = _first; number < _end; number++)
        {
            var place = PlaceOf(number);
            if (place.Content is null)
                continue;

            if (number < _behindLastUnkeyed)
                behindLastUnkeyed = count + 1;

            if (place.Key is { } key && _keyed!.TryGetValue(key, out var newest) && newest == number) // Whatever has a key has been put among the keyed.
                _keyed[key] = count;

            places[count++] = place;
        }

        (_ring, _first, _end, _oldestFrame, _behindLastUnkeyed) = (places, 0, count, 0, behindLastUnkeyed);
    }

    private static bool HasGivenUp(object? content) => content is SendWaiter { Task.IsCompleted: true };

    private ref Place PlaceOf(long number) => ref _ring[number & (_ring.Length - 1)];

    /// <param name="Content">A frame or a sender; null where there was a frame.</param>
    /// <param name="Key">What the frame is a newer value of, null if of nothing.</param>
    private readonly record struct Place(object? Content, string? Key);
}
