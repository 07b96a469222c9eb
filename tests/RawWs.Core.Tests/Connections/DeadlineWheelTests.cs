using Microsoft.Extensions.Logging;
using RawWs.Connections;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class DeadlineWheelTests : IDisposable
{
    private static readonly TimeSpan Tick = DeadlineWheel.Tick;

    private readonly CountingTimeProvider _time = new();
    private readonly RecordingLoggerFactory _log = new();
    private readonly DeadlineWheel _wheel;

    public DeadlineWheelTests() => _wheel = new DeadlineWheel(_time, _log);

    public void Dispose() => _wheel.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(5_000)]
    [InlineData(51_199)]
    [InlineData(51_200)]
    [InlineData(51_201)]
    [InlineData(120_000)]
    [InlineData(86_400_000)]
    public void A_deadline_is_never_early_and_at_most_two_ticks_late(int milliseconds)
    {
        var deadline = new Recorder(_wheel);
        var dueAt = _wheel.ReadClock() + TimeSpan.FromMilliseconds(milliseconds).Ticks;
        _wheel.Schedule(deadline, dueAt);

        _time.Inner.Advance(TimeSpan.FromMilliseconds(milliseconds) - TimeSpan.FromTicks(1));
        Assert.Empty(deadline.RanAt);

        _time.Inner.Advance(TimeSpan.FromTicks(1) + (2 * Tick));
        Assert.InRange(Assert.Single(deadline.RanAt), dueAt, dueAt + (2 * Tick.Ticks));
    }

    [Fact]
    public void A_hundred_thousand_deadlines_each_come_in_their_time()
    {
        var random = new Random(1);
        var deadlines = Enumerable.Range(0, 100_000).Select(_ => new Recorder(_wheel)).ToArray();
        var dueAt = new long[deadlines.Length];
        for (var index = 0; index < deadlines.Length; index++)
        {
            dueAt[index] = _wheel.Now + random.NextInt64(TimeSpan.FromMinutes(3).Ticks);
            _wheel.Schedule(deadlines[index], dueAt[index]);
        }

        // Some are moved, some cancelled.
        for (var index = 0; index < deadlines.Length; index += 3)
            _wheel.Schedule(deadlines[index], dueAt[index] = _wheel.Now + random.NextInt64(TimeSpan.FromMinutes(3).Ticks));
        for (var index = 1; index < deadlines.Length; index += 3)
            _wheel.Cancel(deadlines[index]);

        _time.Inner.Advance(TimeSpan.FromMinutes(3) + (2 * Tick));

        for (var index = 0; index < deadlines.Length; index++)
        {
            if (index % 3 == 1)
                Assert.Empty(deadlines[index].RanAt);
            else
                Assert.InRange(Assert.Single(deadlines[index].RanAt), dueAt[index], dueAt[index] + (2 * Tick.Ticks));
        }
    }

    [Fact]
    public void A_deadline_that_was_moved_is_due_at_its_last_time_only()
    {
        var deadline = new Recorder(_wheel);
        _wheel.Schedule(deadline, Tick.Ticks * 5);
        _wheel.Schedule(deadline, Tick.Ticks * 50);
        _wheel.Schedule(deadline, Tick.Ticks * 20);

        _time.Inner.Advance(100 * Tick);

        Assert.InRange(Assert.Single(deadline.RanAt), Tick.Ticks * 20, Tick.Ticks * 22);
    }

    [Theory]
    [InlineData(10, 20, 10)]
    [InlineData(20, 10, 10)]
    [InlineData(10, 10, 10)]
    public void Bringing_a_deadline_forward_never_puts_it_off(int first, int second, int expected)
    {
        var deadline = new Recorder(_wheel);
        _wheel.BringForward(deadline, Tick.Ticks * first);
        _wheel.BringForward(deadline, Tick.Ticks * second);

        _time.Inner.Advance(100 * Tick);

        Assert.InRange(Assert.Single(deadline.RanAt), Tick.Ticks * expected, Tick.Ticks * (expected + 2));
    }

    [Fact]
    public void A_deadline_may_be_scheduled_again_when_it_is_due()
    {
        var deadline = new Recorder(_wheel);
        deadline.Action = () =>
        {
            if (deadline.RanAt.Count < 5)
                _wheel.Schedule(deadline, _wheel.Now + (10 * Tick.Ticks));
        };
        _wheel.Schedule(deadline, 10 * Tick.Ticks);

        _time.Inner.Advance(100 * Tick);

        Assert.Equal(5, deadline.RanAt.Count);
        Assert.All(deadline.RanAt.Zip(deadline.RanAt.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 10 * Tick.Ticks, 12 * Tick.Ticks));
    }

    [Fact]
    public void A_deadline_in_the_past_is_due_with_the_next_tick()
    {
        _time.Inner.Advance(TimeSpan.FromHours(1));
        var deadline = new Recorder(_wheel);
        _wheel.Schedule(deadline, 0);
        Assert.Empty(deadline.RanAt);

        _time.Inner.Advance(Tick);
        Assert.Single(deadline.RanAt);
    }

    [Fact]
    public void A_deadline_that_throws_is_logged_and_stops_no_other()
    {
        var (failing, next) = (new Recorder(_wheel), new Recorder(_wheel));
        failing.Action = () => throw new InvalidOperationException("a fault of one connection");
        _wheel.Schedule(failing, Tick.Ticks);
        _wheel.Schedule(next, Tick.Ticks);

        _time.Inner.Advance(3 * Tick);
        Assert.Single(next.RanAt);
        Assert.Single(_log.Entries, entry => entry.Level == LogLevel.Error);

        _wheel.Schedule(next, _wheel.Now);
        _time.Inner.Advance(2 * Tick);
        Assert.Equal(2, next.RanAt.Count);
    }

    [Fact]
    public void It_stands_still_while_it_is_empty_and_still_tells_the_time()
    {
        var deadline = new Recorder(_wheel);
        _time.Inner.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, _time.FiredCount);
        Assert.Equal(TimeSpan.FromHours(1).Ticks, _wheel.Now);

        _wheel.Schedule(deadline, _wheel.Now + Tick.Ticks);
        _time.Inner.Advance(3 * Tick);
        Assert.Single(deadline.RanAt);

        var fired = _time.FiredCount;
        _time.Inner.Advance(TimeSpan.FromHours(1));
        Assert.Equal(fired, _time.FiredCount);
        Assert.Equal((TimeSpan.FromHours(2) + (3 * Tick)).Ticks, _wheel.Now);
    }

    // The process stood still: what has arrived meanwhile is looked at before anybody is called late.
    [Fact]
    public void After_a_pause_of_the_process_everybody_has_a_second_more()
    {
        var deadline = new Recorder(_wheel);
        _wheel.Schedule(deadline, TimeSpan.FromSeconds(5).Ticks);
        _time.Inner.Advance(Tick);

        _time.IsPaused = true;
        _time.Inner.Advance(TimeSpan.FromSeconds(60));
        _time.IsPaused = false;
        _time.Inner.Advance(Tick);
        Assert.Empty(deadline.RanAt);

        _time.Inner.Advance(TimeSpan.FromSeconds(1) + (2 * Tick));
        Assert.Single(deadline.RanAt);
    }

    // A loop that is kept again and again, by sessions or by too much work, has deadlines too.
    [Fact]
    public void One_pause_after_the_other_does_not_put_a_deadline_off_for_ever()
    {
        var deadline = new Recorder(_wheel);
        _wheel.Schedule(deadline, TimeSpan.FromSeconds(5).Ticks);
        for (var pause = 0; pause < 10; pause++)
        {
            _time.IsPaused = true;
            _time.Inner.Advance(TimeSpan.FromSeconds(2));
            _time.IsPaused = false;
            _time.Inner.Advance(Tick);
        }

        Assert.InRange(Assert.Single(deadline.RanAt), TimeSpan.FromSeconds(6).Ticks, TimeSpan.FromSeconds(17).Ticks);
    }

    // Otherwise what has just become due would look as if its time had not come, and come never.
    [Fact]
    public void The_clock_does_not_go_back_when_one_thread_reads_it_and_is_overtaken_by_another()
    {
        _wheel.Schedule(new Recorder(_wheel), 500 * Tick.Ticks);
        var later = 0L;
        _time.HasRead = () =>
        {
            _time.HasRead = null;
            _time.Inner.Advance(Tick / 2);
            later = _wheel.ReadClock();
        };

        Assert.Equal((Tick / 2).Ticks, _wheel.ReadClock());
        Assert.Equal((later, (Tick / 2).Ticks), (_wheel.Now, later));
    }

    [Fact]
    public void Scheduling_from_many_threads_loses_nothing()
    {
        var deadlines = Enumerable.Range(0, 10_000).Select(_ => new Recorder(_wheel)).ToArray();
        Parallel.For(0, 40_000, number =>
        {
            var deadline = deadlines[number % deadlines.Length];
            if (number % 7 == 0)
                _wheel.Cancel(deadline);
            _wheel.Schedule(deadline, (number % 300) * Tick.Ticks);
        });

        _time.Inner.Advance(302 * Tick);

        Assert.All(deadlines, deadline => Assert.Single(deadline.RanAt));
    }

    private sealed class Recorder(DeadlineWheel wheel) : Deadline
    {
        public List<long> RanAt { get; } = [];

        public Action? Action { get; set; }

        internal override void OnDue()
        {
            RanAt.Add(wheel.Now);
            Action?.Invoke();
        }
    }

    /// <summary>Counts how often timers fire, and can keep them from it, as a process that is stopped does.</summary>
    private sealed class CountingTimeProvider : TimeProvider
    {
        public ManualTimeProvider Inner { get; } = new();

        public int FiredCount { get; private set; }

        public bool IsPaused { get; set; }

        public override long TimestampFrequency => Inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => Inner.GetUtcNow();

        /// <summary>Called between a reading and its use.</summary>
        public Action? HasRead { get; set; }

        public override long GetTimestamp()
        {
            var timestamp = Inner.GetTimestamp();
            HasRead?.Invoke();
            return timestamp;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => Inner.CreateTimer(
                passed =>
                {
                    FiredCount++;
                    if (!IsPaused)
                        callback(passed);
                },
                state, dueTime, period);
    }
}
