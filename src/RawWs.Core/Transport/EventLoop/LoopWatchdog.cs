namespace RawWs.Transport;

/// <summary>
/// Looks now and then whether loops go on: one that is still in the turn in which it was found the last time is kept by somebody, and with it all its
/// connections.
/// </summary>
internal sealed class LoopWatchdog : IDisposable
{
    private static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(10);

    private readonly EventLoop[] _loops;
    private readonly long[] _seen;
    private readonly long[] _reported;
    private readonly Action<int>? _onStalled;
    private readonly ITimer _timer;
    private readonly ITimer _trimming;

    /// <param name="loops">The loops.</param>
    /// <param name="timeout">The longest turn that is fine. One that is twice as long is found for certain.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onStalled">Is told, once for each turn that is too long, which loop it is.</param>
    public LoopWatchdog(EventLoop[] loops, TimeSpan timeout, TimeProvider time, Action<int>? onStalled)
    {
        (_loops, _onStalled) = (loops, onStalled);
        (_seen, _reported) = (new long[loops.Length], new long[loops.Length]);
        _trimming = time.CreateTimer(static watchdog => ((LoopWatchdog)watchdog!).Trim(), this, TrimInterval, TrimInterval);
        _timer = time.CreateTimer(static watchdog => ((LoopWatchdog)watchdog!).Look(), this, timeout, timeout);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _trimming.Dispose();
    }

    private void Trim()
    {
        foreach (var loop in _loops)
            loop.TrimMemory();
    }

    private void Look()
    {
        for (var number = 0; number < _loops.Length; number++)
        {
            var turn = _loops[number].Turn;
            var isInTurn = turn % 2 == 1;
            if (isInTurn && turn == Interlocked.Exchange(ref _seen[number], turn) && Interlocked.Exchange(ref _reported[number], turn) != turn)
                _onStalled?.Invoke(number);
        }
    }
}
