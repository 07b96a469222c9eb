using System.Collections.Concurrent;

namespace RawWs.Transport;

/// <summary>
/// Where the steps of TLS handshakes are computed: on the thread pool, on at most half of the processors, one step at a time and each in its turn. So a flood of
/// handshakes keeps no event loop, and leaves room for the connections that are open already.
/// </summary>
internal sealed class TlsHandshakeQueue : IThreadPoolWorkItem
{
    private static readonly int MaxWorkerCount = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly ConcurrentQueue<Action> _steps = new();
    private int _workerCount;

    /// <summary>Awaiting it continues in the queue, when it is this step's turn.</summary>
    public TlsHandshakeTurn TakeTurnAsync() => new(this);

    /// <summary>Puts a step behind the others.</summary>
    public void Add(Action step)
    {
        _steps.Enqueue(step);
        AddWorker();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_steps.TryDequeue(out var step))
            step();

        // Back to the end of the pool's own queue, behind what others have to do meanwhile.
        Interlocked.Decrement(ref _workerCount);
        if (!_steps.IsEmpty)
            AddWorker();
    }

    // Whoever puts in a step after a worker has found none, and before that has left, is served by the worker's second look.
    private void AddWorker()
    {
        if (Interlocked.Increment(ref _workerCount) <= MaxWorkerCount)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else
            Interlocked.Decrement(ref _workerCount);
    }
}
