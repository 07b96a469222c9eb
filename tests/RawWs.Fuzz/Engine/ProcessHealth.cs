using System.Collections.Concurrent;

namespace RawWs.Fuzz;

/// <summary>What must hold for the process as a whole: memory below a ceiling, and no task whose failure nobody has seen.</summary>
internal sealed class ProcessHealth : IDisposable
{
    // Reading the working set is a system call, and collecting takes a millisecond.
    private const int MemoryInterval = 256, CollectionInterval = 4096;

    private readonly long _memoryCeiling;
    private readonly ConcurrentQueue<Exception> _unobserved = new();
    private long _calls;

    public ProcessHealth(long memoryCeiling)
    {
        _memoryCeiling = memoryCeiling;
        TaskScheduler.UnobservedTaskException += OnUnobserved;
    }

    /// <summary>Looks at the process after an input.</summary>
    /// <returns>What is wrong; null if nothing.</returns>
    public string? Inspect()
    {
        _calls++;

        // An abandoned task reports its failure when it is collected.
        if (_calls % CollectionInterval == 0)
            Collect();

        if (_unobserved.TryDequeue(out var error))
            return $"nobody saw the failure of a task, of this input or of one of the {CollectionInterval} before it: {error}";

        if (_calls % MemoryInterval != 0 || Environment.WorkingSet <= _memoryCeiling)
            return null;

        Collect();
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        return heap > _memoryCeiling || Environment.WorkingSet > _memoryCeiling
            ? $"the process holds more than {_memoryCeiling >> 20} MiB: heap {heap >> 20} MiB, working set {Environment.WorkingSet >> 20} MiB"
            : null;
    }

    /// <summary>Makes abandoned tasks report now.</summary>
    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <inheritdoc/>
    public void Dispose() => TaskScheduler.UnobservedTaskException -= OnUnobserved;

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs unobserved)
    {
        _unobserved.Enqueue(unobserved.Exception);
        unobserved.SetObserved();
    }
}
