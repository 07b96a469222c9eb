namespace RawWs.Redis.SocketIO;

/// <summary>Calls things in the order in which they were posted, one after the other, on whichever thread comes first. They may run the application's code, and so are not called under anybody's lock.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="reportFailure">Is told what one of them throws.</param>
internal sealed class OrderedCalls(Action<Exception> reportFailure)
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _calls = new();
    private bool _isRunning;

    /// <summary>Something is to be called, by the next <see cref="Run"/>.</summary>
    public void Post(Action call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
        }
    }

    /// <summary>Calls what has been posted, unless another thread does so already.</summary>
    public void Run()
    {
        var isMine = false;
        while (true)
        {
            Action? call;
            lock (_gate)
            {
                if ((_isRunning && !isMine) || !_calls.TryDequeue(out call))
                {
                    _isRunning &= !isMine;
                    return;
                }

                (_isRunning, isMine) = (true, true);
            }

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
}
