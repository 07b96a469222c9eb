namespace RawWs.SocketIO;

/// <summary>
/// Runs what a socket has to do one after the other: first what it begins with, and then each at once and on the thread that brings it, if nothing else runs. Costs nothing while nothing does.
/// </summary>
/// <remarks>
/// With <see cref="SocketIOServerOptions.MaxPendingEventCount"/> that wait, whoever brings more is held up. A handler that waits for an answer of the same client would then wait in vain if
/// that is behind them: while there is such a question, <see cref="AskingFactor"/> times as many may wait, and what is too many may take as much memory as one packet.
/// </remarks>
/// <param name="socket">Whose jobs they are.</param>
internal sealed class EventQueue(SocketIOSocket socket)
{
    /// <summary>How many times as many events may wait while an answer of the client is waited for.</summary>
    public const int AskingFactor = 16;

    /// <summary>A job that is done at once.</summary>
    public static readonly Job Nothing = new(static (_, _) => Task.CompletedTask, Argument: "");

    private Backlog? _backlog;

    // From the start: a client that has been told that it is connected may say something before its socket begins.
    private bool _isRunning = true;

    /// <summary>Bytes that wait.</summary>
    public long WaitingSize
    {
        get
        {
            lock (socket.Gate)
            {
                return _backlog?.Size ?? 0;
            }
        }
    }

    private long MaxCount => socket.Namespace.Options.MaxPendingEventCount;

    /// <summary>Runs its first job, and then what has come before it. Called once.</summary>
    public void Begin(Job first) => _ = RunAsync(first);

    /// <summary>Runs a job, or has it wait for its turn. Jobs contain their own failures.</summary>
    /// <returns>When there is room for another one.</returns>
    public Task PostAsync(Job job)
    {
        lock (socket.Gate)
        {
            if (_isRunning)
            {
                var backlog = _backlog ??= new();
                backlog.Add(job);
                if (backlog.Jobs.Count == MaxCount)
                    backlog.UsualSize = backlog.Size;

                if (HasRoom_NeedsLock(backlog))
                    return Task.CompletedTask;

                backlog.Room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                return backlog.Room.Task;
            }

            _isRunning = true;
        }

        _ = RunAsync(job);
        return Task.CompletedTask;
    }

    /// <summary>A question has been asked: what is held up may go on.</summary>
    public void LookForRoom_NeedsLock()
    {
        if (_backlog is { Room: not null } backlog && HasRoom_NeedsLock(backlog))
            backlog.GiveRoom();
    }

    private async Task RunAsync(Job job)
    {
        while (true)
        {
            await job.RunAsync(socket, job.Argument).ConfigureAwait(false);
            lock (socket.Gate)
            {
                if (_backlog is null || !_backlog.TryTake(out job))
                {
                    (_isRunning, _backlog) = (false, null);
                    return;
                }

                LookForRoom_NeedsLock();
            }
        }
    }

    private bool HasRoom_NeedsLock(Backlog backlog)
        => backlog.Jobs.Count < MaxCount
            || (backlog.Jobs.Count < MaxCount * AskingFactor && backlog.Size - backlog.UsualSize < socket.Namespace.Options.MaxPacketSize && socket.IsClientAsked_NeedsLock);

    /// <summary>Something to do.</summary>
    /// <param name="RunAsync">Does it. One for all jobs of a kind, so that it captures nothing.</param>
    /// <param name="Argument">What it is done with.</param>
    /// <param name="Size">What that takes of what the client may take.</param>
    internal readonly record struct Job(Func<SocketIOSocket, object, Task> RunAsync, object Argument, int Size = 0);

    /// <summary>What waits. Made for the first that does.</summary>
    private sealed class Backlog
    {
        public Queue<Job> Jobs { get; } = new();

        /// <summary>Of all of them.</summary>
        public long Size { get; private set; }

        /// <summary>Of the usual number, when it was reached last.</summary>
        public long UsualSize { get; set; }

        /// <summary>What whoever brings more waits for.</summary>
        public TaskCompletionSource? Room { get; set; }

        public void Add(Job job)
        {
            Jobs.Enqueue(job);
            Size += job.Size;
        }

        public bool TryTake(out Job job)
        {
            var isTaken = Jobs.TryDequeue(out job);
            Size -= job.Size;
            return isTaken;
        }

        public void GiveRoom()
        {
            Room?.SetResult();
            Room = null;
        }
    }
}
