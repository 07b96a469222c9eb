using RawWs.Diagnostics;

namespace RawWs.Connections;

/// <summary>
/// The connections of a server for whom something waits. When the queues of the process together hold too much memory, those with the longest queue go
/// first, until the rest fits.
/// </summary>
/// <remarks>Thread-safe. A connection says that it comes and goes under its own lock; <see cref="RelieveIfNeeded"/> is called under none.</remarks>
internal sealed class Backlogs(long maxMemory)
{
    private readonly Lock _gate = new();
    private readonly HashSet<WebSocketConnection> _connections = [];
    private long _directCount;
    private long _directBytes;
    private int _isRelieving;

    /// <summary>Direct senders begin to wait, with so many bytes; or, with negative numbers, wait no longer.</summary>
    public void AddDirect(int count, long bytes)
    {
        Interlocked.Add(ref _directCount, count);
        Interlocked.Add(ref _directBytes, bytes);
    }

    /// <summary>How much waits, for all together.</summary>
    public QueueDepths Measure()
    {
        lock (_gate)
        {
            var (messages, bytes) = (Interlocked.Read(ref _directCount), Interlocked.Read(ref _directBytes));
            foreach (var connection in _connections)
                (messages, bytes) = (messages + connection.QueuedCount, bytes + connection.QueuedBytes);

            return new QueueDepths(_connections.Count, messages, bytes);
        }
    }

    /// <summary>Something waits for <paramref name="connection"/> now.</summary>
    public void Add(WebSocketConnection connection)
    {
        lock (_gate)
        {
            _connections.Add(connection);
        }
    }

    /// <summary>Nothing waits for <paramref name="connection"/> any more.</summary>
    public void Remove(WebSocketConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>Makes the queues of the process fit into its memory, if they don't.</summary>
    public void RelieveIfNeeded()
    {
        if (SendBudget.Taken > maxMemory)
            Relieve();
    }

    private void Relieve()
    {
        // One thread at a time: two at once would close two connections where one is enough.
        if (Interlocked.Exchange(ref _isRelieving, 1) == 1)
            return;

        try
        {
            var slowest = SlowestFirst();
            while (SendBudget.Taken > maxMemory && slowest.TryDequeue(out var connection, out _))
                connection.OnOverBudget();
        }
        finally
        {
            Volatile.Write(ref _isRelieving, 0);
        }
    }

    // By what their queues hold, which can be dropped: what direct senders wait with is their own.
    private PriorityQueue<WebSocketConnection, long> SlowestFirst()
    {
        lock (_gate)
        {
            return new(_connections.Select(static connection => (connection, -connection.QueuedBytes)));
        }
    }
}
