using Microsoft.Extensions.Logging;
using RawWs.Transport;

namespace RawWs.Connections;

/// <summary>
/// Many deadlines on one timer: a hashed wheel whose entries are linked through themselves, so that scheduling, moving and
/// cancelling one costs a few pointer writes whether there are ten of them or a million. One may belong to a thread that works in turns, its home,
/// and is then turned there: what becomes due is called in a turn, after what has come for its connections.
/// </summary>
/// <remarks>
/// Thread-safe. No deadline is early; one is late by at most two <see cref="Tick"/>s, for as long as its home is kept from its work, and by a second more after that or the process stood still,
/// by ten and the last pause where that happens again and again. Its
/// clock, <see cref="Now"/>, is read without a system call while it turns, and is then as old as the last tick, whatever the home does.
/// </remarks>
internal sealed partial class DeadlineWheel : IDisposable
{
    /// <summary>How often the wheel turns.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private const int SlotCount = 512;

    /// <summary>How many deadlines are called in one turn of the home: others come in between.</summary>
    private const int MaxDuePerTurn = 64;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>For how long deadlines are put off at most, where one pause follows the other: a home that always has too much to do has deadlines too.</summary>
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<Deadline> _due = [];
    private readonly Deadline?[] _slots = new Deadline?[SlotCount];
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TurnScheduler? _home;
    private readonly ITimer _timer;
    private readonly long _start;

    private long _now;
    private long _lookedAt;
    private long _graceSince;
    private long _graceUntil;
    private long _turnedTo;
    private int _count;
    private bool _isTurning;
    private int _isRunning;
    private int _calledCount;

    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of deadlines that fail.</param>
    /// <param name="home">Where it turns; null for the timer's threads.</param>
    public DeadlineWheel(TimeProvider time, ILogger logger, TurnScheduler? home = null)
    {
        (_time, _logger, _home) = (time, logger, home);
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static wheel => ((DeadlineWheel)wheel!).OnTick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
        var last = Volatile.Read(ref _now);
        while (now > last)
        {
            var seen = Interlocked.CompareExchange(ref _now, now, last);
            if (seen == last)
                return now;

            last = seen;
        }

        // Another thread has read it later: it does not go back, for what is due stays due.
        return last;
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
        _lookedAt = ReadClock();
        _turnedTo = _lookedAt / Tick.Ticks;

        // In this order: if there is no timer to be had, the wheel stands still as before, and the next deadline tries again.
        _timer.Change(Tick, Tick);
        Volatile.Write(ref _isTurning, true);
    }

    private void OnTick()
    {
        // Also while the home is kept from its work: what others note has the right time.
        ReadClock();

        // A timer does not wait for its last call to return.
        if (Interlocked.Exchange(ref _isRunning, 1) == 1)
            return;

        if (_home is null)
            Turn();
        else
            _home.Schedule(static wheel => ((DeadlineWheel)wheel!).Turn(), this);
    }

    private void Turn()
    {
        var now = ReadClock();

        // We were stopped, by the garbage collector, by the machine or by a session: what has arrived meanwhile is seen before anybody is called late.
        if (now - _lookedAt > LongestPause.Ticks)
        {
            if (_lookedAt >= _graceUntil)
                _graceSince = now;

            _graceUntil = Math.Min(now + LongestPause.Ticks, _graceSince + LongestGrace.Ticks);
        }

        _lookedAt = now;

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

        CallDue();
    }

    // Outside the lock: what becomes due may schedule again.
    private void CallDue()
    {
        var end = _home is null ? _due.Count : Math.Min(_calledCount + MaxDuePerTurn, _due.Count);
        while (_calledCount < end)
            Run(_due[_calledCount++]);

        if (_calledCount < _due.Count)
        {
            _home!.Schedule(static wheel => ((DeadlineWheel)wheel!).CallDue(), this); // Without one all have been called.
            return;
        }

        _due.Clear();
        _calledCount = 0;
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
