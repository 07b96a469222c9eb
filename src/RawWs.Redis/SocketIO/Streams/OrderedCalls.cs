namespace RawWs.Redis.SocketIO;

/// <summary>Calls things in the order in which they were posted, one after the other, on whichever thread comes first. They may run the application's code, and so are not called under anybody's lock.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="reportFailure">Is told what one of them throws.</param>
internal sealed class OrderedCalls(Action<Exception> reportFailure)
{
    /// <summary>So many wait, at most, before <see cref="RunAndWaitForRoom"/> waits.</summary>
    public const int MaxWaitingCount = 1_024;

    // No System.Threading.Lock, for one waits for it.
    private readonly object _gate = new();
    private readonly Queue<Action> _calls = new();
    private int? _runner;

    /// <summary>How many have been posted ever.</summary>
    public long PostedCount { get; private set; }

    /// <summary>Something is to be called, by the next <see cref="Run"/>.</summary>
    public void Post(Action call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            PostedCount++;
        }
    }

    /// <summary>Calls what has been posted, unless another thread does so already. What is posted meanwhile is left to others: nobody is kept from going on for long.</summary>
    public void Run()
    {
        int count;
        lock (_gate)
        {
            if (_runner is not null || (count = _calls.Count) == 0)
                return;

            _runner = Environment.CurrentManagedThreadId;
        }

        for (; count > 0; count--)
            Call(Take());

        lock (_gate)
        {
            _runner = null;
            Monitor.PulseAll(_gate);
            if (_calls.Count == 0)
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static calls => calls.Run(), this, preferLocal: false);
    }

    /// <summary>The same for whoever posts without end: waits while too much is left, so that it posts no faster than others call.</summary>
    public void RunAndWaitForRoom()
    {
        while (true)
        {
            Run();
            lock (_gate)
            {
                // A call that posts waits for itself no more than for others.
                if (_calls.Count <= MaxWaitingCount || _runner == Environment.CurrentManagedThreadId)
                    return;

                if (_runner is not null)
                    Monitor.Wait(_gate);
            }
        }
    }

    private Action Take()
    {
        lock (_gate)
        {
            var call = _calls.Dequeue();
            if (_calls.Count == MaxWaitingCount)
                Monitor.PulseAll(_gate);

            return call;
        }
    }

    private void Call(Action call)
    {
        try
        {
            call();
        }
        catch (Exception error)
        {
            // The top of somebody else's code: what is behind it has nothing to do with it.
            reportFailure(error);
        }
    }
}
