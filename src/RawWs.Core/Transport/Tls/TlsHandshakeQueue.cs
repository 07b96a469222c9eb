using System.Diagnostics.CodeAnalysis;

namespace RawWs.Transport;

/// <summary>
/// Where the steps of TLS handshakes are computed: on threads of their own, on at most half of the processors, one step at a time and each in its turn. So a flood of
/// handshakes keeps no event loop, and leaves room for the connections that are open already.
/// </summary>
/// <remarks>
/// What OpenSSL allocates in a handshake stays as long as the connection. Made by few threads it lies close together; on the thread pool it came from as many heaps as the pool has threads, each
/// with holes of its own.
/// </remarks>
/// <param name="startThread">Starts a thread that does so; null for one of the system's.</param>
internal sealed class TlsHandshakeQueue(Action<ThreadStart>? startThread = null)
{
    private static readonly int MaxWorkerCount = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>A thread that has had nothing to do for so long ends.</summary>
    private static readonly TimeSpan LongestIdleness = TimeSpan.FromSeconds(10);

    private readonly Action<ThreadStart> _startThread = startThread ?? StartThread;

    // Not a Lock: threads wait on it.
    private readonly object _gate = new();
    private readonly Queue<Action> _steps = new();
    private int _workerCount;
    private int _idleCount;

    /// <summary>Awaiting it continues in the queue, when it is this step's turn.</summary>
    public TlsHandshakeTurn TakeTurnAsync() => new(this);

    /// <summary>Puts a step behind the others.</summary>
    public void Add(Action step)
    {
        lock (_gate)
        {
            _steps.Enqueue(step);
            if (_idleCount > 0)
            {
                Monitor.Pulse(_gate);
                return;
            }

            if (_workerCount == MaxWorkerCount)
                return;

            _workerCount++;
        }

        try
        {
            _startThread(Work);
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            // The system has no thread left. The pool has, and a handshake that nobody computes would wait for ever.
            ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.Work(), this, preferLocal: false);
        }
    }

    private static void StartThread(ThreadStart work) => new Thread(work) { IsBackground = true, Name = "RawWs TLS handshakes" }.UnsafeStart();

    private void Work()
    {
        while (TryTake(out var step))
            step();
    }

    private bool TryTake([NotNullWhen(true)] out Action? step)
    {
        lock (_gate)
        {
            while (!_steps.TryDequeue(out step))
            {
                _idleCount++;
                var isPulsed = Monitor.Wait(_gate, LongestIdleness);
                _idleCount--;
                if (isPulsed || _steps.Count > 0)
                    continue;

                _workerCount--;
                return false;
            }

            return true;
        }
    }
}
