namespace RawWs.Redis.Client;

/// <summary>
/// Tells all connections of a client when one of them has found that its server is not a primary any more: they are to leave it together. Otherwise messages would be heard on one server for a while, and published on another.
/// </summary>
/// <remarks>Thread-safe. Connections know after which notice they were begun: those that were begun after a later one may lead to another server.</remarks>
internal sealed class ReplicaNotice
{
    private int _count;

    /// <summary>Raised by the one who found it, when its own connection has ended and before it makes another.</summary>
    public event Action? Found;

    /// <summary>How often it has been told. A connection that was begun when it was less often has to be left.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A connection has ended by it.</summary>
    /// <param name="count">What <see cref="Count"/> was before the connection was begun. If it is more by now, all who are meant have been told.</param>
    public void Tell(int count)
    {
        if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
            Found?.Invoke();
    }
}
