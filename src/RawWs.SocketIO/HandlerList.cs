namespace RawWs.SocketIO;

/// <summary>Handlers in an order. Thread-safe; who is being called is called, whatever is removed meanwhile.</summary>
internal sealed class HandlerList<T>
    where T : Delegate
{
    private readonly Lock _gate = new();
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
        lock (_gate)
        {
            Volatile.Write(ref _entries, isFirst ? [entry, .. _entries] : [.. _entries, entry]);
        }

        return entry;
    }

    /// <summary>Removes all of them.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Volatile.Write(ref _entries, []);
        }
    }

    private void Remove(Entry entry)
    {
        lock (_gate)
        {
            Volatile.Write(ref _entries, [.. _entries.Where(other => other != entry)]);
        }
    }

    /// <summary>The handlers of one moment.</summary>
    internal readonly struct Snapshot(Entry[] entries)
    {
        /// <summary>How many.</summary>
        public int Count => entries.Length;

        /// <summary>One of them.</summary>
        public T this[int index] => entries[index].Handler;

        public Enumerator GetEnumerator() => new(entries);
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
