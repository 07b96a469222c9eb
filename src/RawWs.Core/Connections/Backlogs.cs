using RawWs.Diagnostics;

namespace RawWs.Connections;

/// <summary>
/// The connections of a server for whom something waits. When the queues of the process together hold too much memory, those with the longest queue go
/// first, until the rest fits.
/// </summary>
/// <remarks>Thread-safe. A connection says that it comes and goes under its own lock; <see cref="Relieve"/> is called under none.</remarks>
internal sealed class Backlogs(long maxMemory)
{
    private readonly Lock _gate = new();
    private readonly HashSet<WebSocketConnection> _connections = [];

    /// <summary>Bytes that the queues of the process may hold.</summary>
    public long MaxMemory => maxMemory;

    /// <summary>How much waits, for all together.</summary>
    public QueueDepths Measure()
    {
        lock (_gate)
        {
            var (messages, bytes) = (0L, 0L);
            foreach (var connection in _connections)
                (messages, bytes) = (messages + connection.QueuedCount, bytes + connection.BufferedBytes);

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

    /// <summary>Makes the queues of the process fit into its memory again.</summary>
    public void Relieve()
    {
        while (SendBudget.Taken > maxMemory && TakeSlowest() is { } slowest)
            slowest.OnOverBudget();
    }

    private WebSocketConnection? TakeSlowest()
    {
        lock (_gate)
        {
            WebSocketConnection? slowest = null;
            foreach (var connection in _connections)
            {
                if (slowest is null || connection.BufferedBytes > slowest.BufferedBytes)
                    slowest = connection;
            }

            if (slowest is not null)
                _connections.Remove(slowest);

            return slowest;
        }
    }
}
