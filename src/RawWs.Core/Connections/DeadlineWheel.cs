using Microsoft.Extensions.Logging;

namespace RawWs.Connections;

/// <summary>
/// All the deadlines of a server on one timer: a hashed wheel whose entries are linked through themselves, so that scheduling, moving and
/// cancelling one costs a few pointer writes whether there are ten of them or a million.
/// </summary>
/// <remarks>
/// Thread-safe. No deadline is early; one is late by at most two <see cref="Tick"/>s, and by a second more after the process stood still. Its
/// clock, <see cref="Now"/>, is read without a system call while it turns, and is then as old as the last tick.
/// </remarks>
internal sealed partial class DeadlineWheel : IDisposable
{
    /// <summary>How often the wheel turns.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private const int SlotCount = 512;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<Deadline> _due = [];
    private readonly Deadline?[] _slots = new Deadline?[SlotCount];
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly long _start;

    private long _now;
    private long _graceUntil;
    private long _turnedTo;
    private int _count;
    private bool _isTurning;
    private int _isRunning;

    public DeadlineWheel(TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static wheel => ((DeadlineWheel)wheel!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ticks of 100 ns since the wheel was made: as of the last turn, or, while the wheel stands still, of this moment.</summary>
    public long Now => Volatile.Read(ref _isTurning) ? Volatile.Read(ref _now) : ReadClock();

    /// <summary>Makes <paramref name="deadline"/> due at a time of <see cref="Now"/>'s, instead of whenever it was due before.</summary>
    public void Schedule(Deadline deadline, long dueAt)
    {
        lock (_gate)
        {
            Schedule_NeedsLock(deadline, dueAt);
        }
    }

    /// <summary>Makes <paramref name="deadline"/> due at a time of <see cref="Now"/>'s at the latest: if it is due earlier, it stays so.</summary>
    public void BringForward(Deadline deadline, long dueAt)
    {
        lock (_gate)
        {
            if (dueAt < deadline.DueAt)
                Schedule_NeedsLock(deadline, dueAt);
        }
    }

    /// <summary>Reads the clock afresh. Only for what begins where the last tick may be too old.</summary>
    public long ReadClock()
    {
        var now = _time.GetElapsedTime(_start).Ticks;
        Volatile.Write(ref _now, now);
        return now;
    }

    /// <summary>Makes <paramref name="deadline"/> never due. It may be becoming due at this moment.</summary>
    public void Cancel(Deadline deadline)
    {
        lock (_gate)
        {
            Remove_NeedsLock(deadline);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Schedule_NeedsLock(Deadline deadline, long dueAt)
    {
        Remove_NeedsLock(deadline);

        // The wheel stands still while it is empty.
        if (_count == 0 && !_isTurning)
            Start_NeedsLock();

        deadline.DueAt = dueAt;
        deadline.Slot = (int)(Math.Max(TurnOf(dueAt), _turnedTo + 1) % SlotCount);
        deadline.Next = _slots[deadline.Slot];
        if (deadline.Next is { } next)
            next.Previous = deadline;

        _slots[deadline.Slot] = deadline;
        _count++;
    }

    private void Start_NeedsLock()
    {
        _turnedTo = ReadClock() / Tick.Ticks;

        // In this order: if there is no timer to be had, the wheel stands still as before, and the next deadline tries again.
        _timer.Change(Tick, Tick);
        Volatile.Write(ref _isTurning, true);
    }

    private void Turn()
    {
        // A timer does not wait for its last call to return.
        if (Interlocked.Exchange(ref _isRunning, 1) == 1)
            return;

        var before = Volatile.Read(ref _now);
        var now = ReadClock();

        // We were stopped, by the garbage collector or by the machine: what has arrived meanwhile is seen before anybody is called late.
        if (now - before > LongestPause.Ticks)
            _graceUntil = now + LongestPause.Ticks;

        lock (_gate)
        {
            if (now >= _graceUntil)
                TakeDue_NeedsLock(now);

            if (_count == 0)
            {
                Volatile.Write(ref _isTurning, false);
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        // Outside the lock: what becomes due may schedule again.
        foreach (var deadline in _due)
            Run(deadline);

        _due.Clear();
        Volatile.Write(ref _isRunning, 0);
    }

    private void Run(Deadline deadline)
    {
        try
        {
            deadline.OnDue();
        }
        catch (Exception error)
        {
            // The top of a loop: one connection's fault must not stop the deadlines of all the others.
            LogDeadlineFailed(error);
        }
    }

    /// <summary>Takes what is due up to <paramref name="now"/> out of the wheel.</summary>
    private void TakeDue_NeedsLock(long now)
    {
        var turn = now / Tick.Ticks;

        // After a long pause each slot is looked at once.
        for (var at = Math.Max(_turnedTo + 1, turn - SlotCount + 1); at <= turn; at++)
        {
            for (var deadline = _slots[at % SlotCount]; deadline is not null;)
            {
                var next = deadline.Next;
                if (deadline.DueAt <= now)
                {
                    Remove_NeedsLock(deadline);
                    _due.Add(deadline);
                }

                deadline = next;
            }
        }

        _turnedTo = turn;
    }

    private void Remove_NeedsLock(Deadline deadline)
    {
        if (deadline.Slot < 0)
            return;

        if (deadline.Previous is { } previous)
            previous.Next = deadline.Next;
        else
            _slots[deadline.Slot] = deadline.Next;

        if (deadline.Next is { } next)
            next.Previous = deadline.Previous;

        (deadline.Previous, deadline.Next, deadline.Slot, deadline.DueAt) = (null, null, -1, long.MaxValue);
        _count--;
    }

    // Rounded up: when the wheel comes to the slot, everything of that turn is due.
    private static long TurnOf(long dueAt) => (dueAt + Tick.Ticks - 1) / Tick.Ticks;

    [LoggerMessage(10, LogLevel.Error, "A deadline failed")]
    private partial void LogDeadlineFailed(Exception error);
}
