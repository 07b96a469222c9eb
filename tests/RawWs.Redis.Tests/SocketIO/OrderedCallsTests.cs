using System.Collections.Concurrent;
using RawWs.Redis.SocketIO;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

public sealed class OrderedCallsTests
{
    private const int CallCount = 10_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly OrderedCalls _calls = new(static error => throw error);
    private readonly ConcurrentQueue<int> _called = new();

    [Fact]
    public async Task Whoever_posts_without_end_is_no_faster_than_others_call()
    {
        using var isReleased = new ManualResetEventSlim();
        using var hasBegun = new ManualResetEventSlim();
        _calls.Post(() =>
        {
            hasBegun.Set();
            Assert.True(isReleased.Wait(LongestWait));
        });
        var first = StartThread(_calls.Run);
        Assert.True(hasBegun.Wait(LongestWait));

        var postedCount = 0;
        var reader = StartThread(() =>
        {
            for (; postedCount < CallCount; Interlocked.Increment(ref postedCount))
            {
                var number = postedCount;
                _calls.Post(() => _called.Enqueue(number));
                _calls.RunAndWaitForRoom();
            }
        });
        await Eventually.HoldsAsync(() => Volatile.Read(ref postedCount) >= OrderedCalls.MaxWaitingCount && (!reader.IsAlive || reader.ThreadState.HasFlag(ThreadState.WaitSleepJoin)));
        Assert.Equal(OrderedCalls.MaxWaitingCount, Volatile.Read(ref postedCount));

        isReleased.Set();
        Assert.True(first.Join(LongestWait) && reader.Join(LongestWait));
        await Eventually.HoldsAsync(() => _called.Count == CallCount);
        Assert.Equal(Enumerable.Range(0, CallCount), _called);
    }

    [Fact]
    public async Task Whoever_calls_is_not_kept_by_what_is_posted_meanwhile_which_others_call()
    {
        var (count, isEnough) = (0, false);
        try
        {
            _calls.Post(PostAnother);
            Assert.True(StartThread(_calls.Run).Join(LongestWait));
            var before = Volatile.Read(ref count);
            await Eventually.HoldsAsync(() => Volatile.Read(ref count) > before + CallCount);
        }
        finally
        {
            Volatile.Write(ref isEnough, true);
        }

        void PostAnother()
        {
            Interlocked.Increment(ref count);
            if (!Volatile.Read(ref isEnough))
                _calls.Post(PostAnother);
        }
    }

    [Fact]
    public async Task A_call_that_posts_too_much_does_not_wait_for_itself()
    {
        var calling = StartThread(() =>
        {
            _calls.Post(() =>
            {
                for (var number = 0; number < CallCount; number++)
                {
                    var each = number;
                    _calls.Post(() => _called.Enqueue(each));
                    _calls.RunAndWaitForRoom();
                }
            });
            _calls.Run();
        });

        Assert.True(calling.Join(LongestWait));
        await Eventually.HoldsAsync(() => _called.Count == CallCount);
        Assert.Equal(Enumerable.Range(0, CallCount), _called);
    }

    private static Thread StartThread(Action action)
    {
        // In the background: one that waits for ever ends with the tests.
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
