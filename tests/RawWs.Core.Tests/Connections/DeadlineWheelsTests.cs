using System.IO.Pipelines;
using RawWs.Connections;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>The deadlines of what belongs to a thread are called in its turns.</summary>
public sealed class DeadlineWheelsTests : IDisposable
{
    private static readonly TimeSpan Tick = DeadlineWheel.Tick;

    private readonly ManualTimeProvider _time = new();
    private readonly ManualTurns _home = new();
    private readonly DeadlineWheels _wheels;
    private readonly DeadlineWheel _wheel;

    public DeadlineWheelsTests()
    {
        _wheels = new DeadlineWheels(_time, new RecordingLoggerFactory());
        _wheel = _wheels.Of(_home);
    }

    public void Dispose() => _wheels.Dispose();

    [Fact]
    public void Each_home_has_a_wheel_and_all_else_has_one_together()
    {
        Assert.Same(_wheel, _wheels.Of(_home));
        Assert.NotSame(_wheel, _wheels.Of(new ManualTurns()));
        Assert.Same(_wheels.Common, _wheels.Of(PipeScheduler.ThreadPool));
        Assert.Same(_wheels.Common, _wheels.Of(PipeScheduler.Inline));
        Assert.NotSame(_wheel, _wheels.Common);
    }

    [Fact]
    public void What_is_due_is_called_in_a_turn_of_its_home()
    {
        var wasInTurn = new List<bool>();
        _wheel.Schedule(new Called(() => wasInTurn.Add(_home.IsInTurn)), Tick.Ticks);

        _time.Advance(3 * Tick);
        Assert.Empty(wasInTurn);

        _home.Take();
        Assert.Equal([true], wasInTurn);
    }

    [Fact]
    public void A_crowd_that_is_due_at_once_lets_others_come_in_between()
    {
        var count = 0;
        for (var number = 0; number < 150; number++)
            _wheel.Schedule(new Called(() => count++), Tick.Ticks);

        _time.Advance(3 * Tick);
        var counts = new List<int>();
        for (var turn = 0; turn < 4; turn++)
        {
            _home.Take();
            counts.Add(count);
        }

        Assert.Equal([64, 128, 150, 150], counts);
    }

    // Nor are turns asked for again and again meanwhile.
    [Fact]
    public void While_its_home_is_kept_from_its_work_the_clock_goes_on()
    {
        _wheel.Schedule(new Called(() => { }), TimeSpan.FromMinutes(1).Ticks);

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(TimeSpan.FromSeconds(30).Ticks, _wheel.Now);
        Assert.Equal(1, _home.ScheduledCount);
    }

    // A session has kept it: what has arrived meanwhile is looked at before anybody is called late.
    [Fact]
    public void After_that_everybody_has_a_second_more()
    {
        var count = 0;
        _wheel.Schedule(new Called(() => count++), TimeSpan.FromSeconds(5).Ticks);
        _time.Advance(TimeSpan.FromSeconds(30));

        _home.Take();
        Assert.Equal(0, count);

        _time.Advance(TimeSpan.FromMilliseconds(900));
        _home.Take();
        Assert.Equal(0, count);

        _time.Advance(TimeSpan.FromMilliseconds(300));
        _home.Take();
        Assert.Equal(1, count);
    }

    private sealed class Called(Action action) : Deadline
    {
        internal override void OnDue() => action();
    }
}
