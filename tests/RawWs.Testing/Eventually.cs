namespace RawWs.Testing;

/// <summary>Waits for what other threads bring about and no task tells of.</summary>
public static class Eventually
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It does not.</exception>
    public static async Task HoldsAsync(Func<bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        using var timeout = new CancellationTokenSource(LongestWait);
        while (!condition())
        {
            if (timeout.IsCancellationRequested)
                throw new TimeoutException("What was waited for did not come about.");

            await Task.Yield();
        }
    }

    /// <summary>Moves the server's clock, second by second, until <paramref name="task"/> has completed.</summary>
    /// <exception cref="TimeoutException">It does not complete.</exception>
    public static async Task CompletesAsync(ManualTimeProvider time, Task task)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(task);
        using var timeout = new CancellationTokenSource(LongestWait);
        while (!task.IsCompleted)
        {
            if (timeout.IsCancellationRequested)
                throw new TimeoutException("The task did not complete, whatever the clock said.");

            time.Advance(TimeSpan.FromSeconds(1));

            // Not only a yield: a clock that leaps while others come to nothing lets deadlines pass that nobody could keep.
            await Task.Delay(TimeSpan.FromMilliseconds(1)).ConfigureAwait(false);
        }

        await task.ConfigureAwait(false);
    }
}
