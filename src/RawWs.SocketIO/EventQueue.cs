namespace RawWs.SocketIO;

/// <summary>Runs what a socket has to do one after the other, the first at once and on the thread that brings it. Costs nothing while nothing runs.</summary>
/// <param name="socket">Whose jobs they are. With <see cref="SocketIOServerOptions.MaxPendingEventCount"/> that wait, whoever brings more is held up.</param>
internal sealed class EventQueue(SocketIOSocket socket)
{
    private Queue<Job>? _waiting;
    private TaskCompletionSource? _room;
    private bool _isRunning;

    private int MaxCount => socket.Namespace.Options.MaxPendingEventCount;

    /// <summary>Runs a job, or has it wait for its turn. Jobs contain their own failures.</summary>
    /// <returns>When there is room for another one.</returns>
    public Task PostAsync(Job job)
    {
        lock (socket.Gate)
        {
            if (_isRunning)
            {
                (_waiting ??= new()).Enqueue(job);
                if (_waiting.Count < MaxCount)
                    return Task.CompletedTask;

                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                return _room.Task;
            }

            _isRunning = true;
        }

        _ = RunAsync(job);
        return Task.CompletedTask;
    }

    private async Task RunAsync(Job job)
    {
        while (true)
        {
            await job.RunAsync(socket, job.Argument).ConfigureAwait(false);
            lock (socket.Gate)
            {
                if (_waiting is null || !_waiting.TryDequeue(out job))
                {
                    (_isRunning, _waiting) = (false, null);
                    return;
                }

                if (_waiting.Count < MaxCount)
                {
                    _room?.SetResult();
                    _room = null;
                }
            }
        }
    }

    /// <summary>Something to do.</summary>
    /// <param name="RunAsync">Does it. One for all jobs of a kind, so that it captures nothing.</param>
    /// <param name="Argument">What it is done with.</param>
    internal readonly record struct Job(Func<SocketIOSocket, object, Task> RunAsync, object Argument);
}
