using System.Collections.Concurrent;
using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class TlsHandshakeQueueTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // Added by many, each step adds another one: what comes in while a thread looks around for work must not wait for the next.
    [Fact]
    public async Task Every_step_is_computed_on_few_threads_none_of_the_pools()
    {
        const int Count = 10_000;
        var (queue, threads, done) = (new TlsHandshakeQueue(), new ConcurrentDictionary<int, bool>(), new CountdownEvent(2 * Count));
        using var disposing = done;

        await Parallel.ForAsync(0, Count, (_, _) =>
        {
            queue.Add(() =>
            {
                Note();
                queue.Add(Note);
            });
            return default;
        });

        Assert.True(done.Wait(LongestWait, TestContext.Current.CancellationToken));
        Assert.InRange(threads.Count, 1, Math.Max(1, Environment.ProcessorCount / 2));
        Assert.All(threads.Values, Assert.False);

        void Note()
        {
            threads[Environment.CurrentManagedThreadId] = Thread.CurrentThread.IsThreadPoolThread;
            done.Signal();
        }
    }

    [Fact]
    public async Task Steps_are_computed_where_the_system_has_no_thread_left()
    {
        var queue = new TlsHandshakeQueue(_ => throw new InsufficientMemoryException("There is none for a thread."));
        var (first, second) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        queue.Add(first.SetResult);
        queue.Add(second.SetResult);

        await Task.WhenAll(first.Task, second.Task).WaitAsync(LongestWait, TestContext.Current.CancellationToken);
    }
}
