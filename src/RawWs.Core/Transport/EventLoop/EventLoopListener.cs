using System.Net;

namespace RawWs.Transport;

/// <summary>Listens for the connections of a group of loops. Accepting is the business of the runtime's sockets: it is rare, and has much that can go wrong.</summary>
internal sealed class EventLoopListener(SocketListener listener, EventLoopGroup group) : ITransportListener
{
    private int _isDisposed;

    /// <inheritdoc/>
    public EndPoint EndPoint => listener.EndPoint;

    /// <inheritdoc/>
    public ValueTask<TransportConnection?> AcceptAsync() => listener.AcceptAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;

        await listener.DisposeAsync().ConfigureAwait(false);
        group.Leave();
    }
}
