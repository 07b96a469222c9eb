using System.Collections.Concurrent;

namespace RawWs.Samples;

/// <summary>What a desktop framework has behind its windows: a thread that does what is posted to it, one after the other.</summary>
internal sealed class WindowThread : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];
    private readonly Thread _thread;
    private int _postCount;

    public WindowThread()
    {
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How often something has been posted, by the program or by an await that came back here.</summary>
    public int PostCount => Volatile.Read(ref _postCount);

    public override void Post(SendOrPostCallback d, object? state)
    {
        Interlocked.Increment(ref _postCount);
        _work.Add((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Whoever waits for the window's thread may be waited for by it.");

    /// <summary>Runs <paramref name="action"/> on the thread; completes when it has, with all that it awaits.</summary>
    public Task InvokeAsync(Func<Task> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add((_ => _ = CompleteAsync(action, done), null));
        return done.Task;
    }

    public void ThrowIfElsewhere()
    {
        if (Thread.CurrentThread != _thread)
            throw new InvalidOperationException("Only the window's thread may do this.");
    }

    public void ThrowIfHere()
    {
        if (Thread.CurrentThread == _thread || Current is not null)
            throw new InvalidOperationException("The library has captured the window's context.");
    }

    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        SetSynchronizationContext(this);
        foreach (var (callback, state) in _work.GetConsumingEnumerable())
            callback(state);
    }

    private static async Task CompleteAsync(Func<Task> action, TaskCompletionSource done)
    {
        try
        {
            await action();
            done.SetResult();
        }
        catch (Exception error)
        {
            // The top of the action: whoever waits for it is told.
            done.SetException(error);
        }
    }
}
