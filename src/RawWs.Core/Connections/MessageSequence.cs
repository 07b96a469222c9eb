namespace RawWs.Connections;

/// <summary>The messages of a connection. Each step is the connection's own, so that a message that is there already costs no more than taking it.</summary>
internal sealed class MessageSequence(WebSocketConnection connection, CancellationToken cancellationToken) : IAsyncEnumerable<WebSocketMessage>
{
    /// <inheritdoc/>
    public IAsyncEnumerator<WebSocketMessage> GetAsyncEnumerator(CancellationToken another = default)
    {
        var (first, second) = (connection.Foreign(cancellationToken), connection.Foreign(another));
        if (!first.CanBeCanceled && !second.CanBeCanceled)
            return connection.Messages;

        if (!second.CanBeCanceled || second == first)
            return new Enumerator(connection, linked: null, first);

        if (!first.CanBeCanceled)
            return new Enumerator(connection, linked: null, second);

        var linked = CancellationTokenSource.CreateLinkedTokenSource(first, second);
        return new Enumerator(connection, linked, linked.Token);
    }

    private sealed class Enumerator(WebSocketConnection connection, CancellationTokenSource? linked, CancellationToken cancellationToken) : IAsyncEnumerator<WebSocketMessage>
    {
        /// <inheritdoc/>
        public WebSocketMessage Current => connection.CurrentMessage;

        /// <inheritdoc/>
        public ValueTask<bool> MoveNextAsync() => connection.MoveNextAsync(cancellationToken);

        /// <inheritdoc/>
        public ValueTask DisposeAsync()
        {
            linked?.Dispose();
            return default;
        }
    }
}
