using System.Collections;

namespace RawWs.SocketIO;

/// <summary>The sockets that were meant, on this server and on the others that have answered. Immutable.</summary>
/// <param name="sockets">The sockets.</param>
/// <param name="isComplete">Whether every server has answered.</param>
public sealed class FetchedSockets(IReadOnlyList<RemoteSocket> sockets, bool isComplete = true) : IReadOnlyList<RemoteSocket>
{
    /// <summary>Whether every server has answered: if not, there may be more sockets than these.</summary>
    public bool IsComplete => isComplete;

    /// <inheritdoc/>
    public int Count => sockets.Count;

    /// <inheritdoc/>
    public RemoteSocket this[int index] => sockets[index];

    /// <inheritdoc/>
    public IEnumerator<RemoteSocket> GetEnumerator() => sockets.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
