namespace RawWs.SocketIO;

/// <summary>Handlers in an order. Thread-safe; who is being called is called, whatever is removed meanwhile.</summary>
internal sealed class HandlerList<T>
    where T : Delegate
{
    // Replaced as a whole: no lock.
    private Entry[] _entries = [];

    /// <summary>All of them at this moment.</summary>
    public Snapshot All => new(Volatile.Read(ref _entries));

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Volatile.Read(ref _entries).Length == 0;

    /// <summary>Adds a handler behind the others, or before them.</summary>
    /// <returns>Removes it when it is disposed.</returns>
    public IDisposable Add(T handler, bool isFirst = false)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var entry = new Entry(this, handler);
        Entry[] before;
        do
            before = Volatile.Read(ref _entries);
        while (Interlocked.CompareExchange(ref _entries, isFirst ? [entry, .. before] : [.. before, entry], before) != before);

        return entry;
    }

    /// <summary>Removes all of them.</summary>
    public void Clear() => Volatile.Write(ref _entries, []);

    private void Remove(Entry entry)
    {
        Entry[] before;
        do
            before = Volatile.Read(ref _entries);
        while (Interlocked.CompareExchange(ref _entries, [.. before.Where(other => other != entry)], before) != before);
    }

    /// <summary>The handlers of one moment.</summary>
    internal readonly struct Snapshot(Entry[] entries)
    {
        // Null in a default one, which stands for a list that was never made.
        private readonly Entry[]? _entries = entries;

        /// <summary>Goes through them.</summary>
        public Enumerator GetEnumerator() => new(_entries ?? []);
    }

    /// <summary>Goes through the handlers of one moment.</summary>
    internal struct Enumerator(Entry[] entries)
    {
        private int _index = -1;

        public readonly T Current => entries[_index].Handler;

        public bool MoveNext() => ++_index < entries.Length;
    }

    /// <summary>One handler.</summary>
    internal sealed class Entry(HandlerList<T> list, T handler) : IDisposable
    {
        public T Handler => handler;

        public void Dispose() => list.Remove(this);
    }
}
