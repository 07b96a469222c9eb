using System.Runtime.CompilerServices;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Diagnostics;

public sealed class MessageCountersTests
{
    [Fact]
    public void Each_thing_is_counted_where_it_belongs()
    {
        using var counters = new MessageCounters();
        counters.Published(2);
        counters.Dropped(DropReason.Cancelled, 3);
        counters.Received(Opcode.Text, frames: 4, payloadBytes: 5, messages: 6);
        counters.Sent(Opcode.Pong, frames: 7, payloadBytes: long.MaxValue / 2, messages: 0);

        var sum = counters.Sum();

        Assert.Equal(2, sum.Published);
        foreach (var reason in Enum.GetValues<DropReason>())
            Assert.Equal(reason == DropReason.Cancelled ? 3 : 0, sum.Dropped[(int)reason]);

        for (var opcode = 0; opcode < MessageCounts.ByOpcode.Length; opcode++)
        {
            Assert.Equal(opcode == 1 ? (4, 5, 6) : (0, 0, 0), Numbers(sum.Received[opcode]));
            Assert.Equal(opcode == 10 ? (7, long.MaxValue / 2, 0) : (0, 0, 0), Numbers(sum.Sent[opcode]));
        }
    }

    // Three servers, so that each thread goes through what it counts for others.
    [Fact]
    public async Task Nothing_is_lost_and_no_sum_goes_back_while_threads_count_and_end()
    {
        const int Generations = 20, ThreadCount = 8, Rounds = 2_000;
        var servers = Enumerable.Range(0, 3).Select(_ => new MessageCounters()).ToArray();
        var isOver = false;
        var reading = Task.Run(() =>
        {
            var last = new long[servers.Length];
            while (!Volatile.Read(ref isOver))
            {
                for (var number = 0; number < servers.Length; number++)
                {
                    var published = servers[number].Sum().Published;
                    Assert.True(published >= last[number]);
                    last[number] = published;
                }
            }
        }, TestContext.Current.CancellationToken);

        for (var generation = 0; generation < Generations; generation++)
        {
            RunThreads(ThreadCount, () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    var counters = servers[round % servers.Length];
                    counters.Published(1);
                    counters.Received(Opcode.Text, frames: 1, payloadBytes: round, messages: 1);
                    counters.Sent(Opcode.Binary, frames: 2, payloadBytes: 3, messages: 1);
                    counters.Dropped(DropReason.Oldest, 1);
                }
            });
        }

        Volatile.Write(ref isOver, true);
        await reading;
        for (var number = 0; number < servers.Length; number++)
        {
            var rounds = Enumerable.Range(0, Rounds).Where(round => round % servers.Length == number).ToArray();
            var times = Generations * ThreadCount;
            var sum = servers[number].Sum();
            Assert.Equal((times * rounds.Length, times * rounds.Length), (sum.Published, sum.Dropped[(int)DropReason.Oldest]));
            Assert.Equal((times * rounds.Length, times * (long)rounds.Sum(), times * rounds.Length), Numbers(sum.Received[(int)Opcode.Text]));
            Assert.Equal((2L * times * rounds.Length, 3L * times * rounds.Length, times * rounds.Length), Numbers(sum.Sent[(int)Opcode.Binary]));
            servers[number].Dispose();
        }
    }

    [Fact]
    public void Threads_that_have_ended_are_counted_and_let_go()
    {
        using var counters = new MessageCounters();
        var ended = CountOnThreads(counters, 50);

        // The next thread to count takes over what they have counted.
        RunThreads(1, () => counters.Published(1));
        Collect();

        Assert.DoesNotContain(ended, thread => thread.IsAlive);
        Assert.Equal(51, counters.Sum().Published);
    }

    [Fact]
    public void A_server_that_is_no_more_is_let_go_by_threads_that_count_for_others()
    {
        using var another = new MessageCounters();
        WeakReference? gone = null;
        RunThreads(1, () =>
        {
            gone = CountAndDispose();
            another.Published(1);
            Collect();
            Assert.False(gone.IsAlive);
        });
        Assert.Equal(1, another.Sum().Published);
    }

    [Fact]
    public void Counting_for_a_server_that_is_no_more_does_no_harm()
    {
        var counters = new MessageCounters();
        counters.Published(1);
        counters.Dispose();

        counters.Published(1);
        RunThreads(1, () => counters.Published(1));

        Assert.Equal(1, counters.Sum().Published);
    }

    [Fact]
    public void Counting_allocates_nothing_in_the_steady_state()
    {
        using var counters = new MessageCounters();
        using var another = new MessageCounters();

        Assert.Equal(0, Allocation.Of(() =>
        {
            counters.Published(1);
            another.Received(Opcode.Text, frames: 1, payloadBytes: 1, messages: 1);
            counters.Sent(Opcode.Text, frames: 1, payloadBytes: 1, messages: 1);
        }));
    }

    private static (long Frames, long PayloadBytes, long Messages) Numbers(in MessageCounts.OfOpcode counts) => (counts.Frames, counts.PayloadBytes, counts.Messages);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference CountAndDispose()
    {
        var counters = new MessageCounters();
        counters.Published(1);
        counters.Dispose();
        return new WeakReference(counters);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> CountOnThreads(MessageCounters counters, int count)
    {
        var threads = new List<WeakReference>();
        for (var number = 0; number < count; number++)
            RunThreads(1, () =>
            {
                counters.Published(1);
                threads.Add(new WeakReference(Thread.CurrentThread));
            });

        return threads;
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    /// <summary>Runs threads of their own to their end, and throws what one of them throws.</summary>
    private static void RunThreads(int count, Action body)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception error)
            {
                // The top of the thread: it is thrown below.
                failure = error;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (failure is not null)
            throw new InvalidOperationException("A thread has failed.", failure);
    }
}
