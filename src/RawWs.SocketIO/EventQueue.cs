namespace RawWs.SocketIO;

/// <summary>Runs what it is given one after the other, the first at once and on the thread that brings it. Costs nothing while nothing runs.</summary>
/// <param name="maxCount">With how many that wait, whoever brings more is held up.</param>
internal sealed class EventQueue(int maxCount)
{
    private readonly Lock _gate = new();
    private Queue<Func<Task>>? _waiting;
    private TaskCompletionSource? _room;
    private bool _isRunning;

    /// <summary>Runs a job, or has it wait for its turn. Jobs contain their own failures.</summary>
    /// <returns>When there is room for another one.</returns>
    public Task PostAsync(Func<Task> job)
    {
        lock (_gate)
        {
            if (_isRunning)
            {
                (_waiting ??= new()).Enqueue(job);
                if (_waiting.Count < maxCount)
                    return Task.CompletedTask;

                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                return _room.Task;
            }

            _isRunning = true;
        }

        _ = RunAsync(job);
        return Task.CompletedTask;
    }

    private async Task RunAsync(Func<Task> job)
    {
        while (true)
        {
            await job().ConfigureAwait(false);
            lock (_gate)
            {
                if (_waiting is null || !_waiting.TryDequeue(out var next))
                {
                    (_isRunning, _waiting) = (false, null);
                    return;
                }

                job = next;
                if (_waiting.Count < maxCount)
                {
                    _room?.SetResult();
                    _room = null;
                }
            }
        }
    }
}
