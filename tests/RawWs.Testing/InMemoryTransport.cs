using System.Net;
using System.Threading.Channels;
using RawWs.Transport;

namespace RawWs.Testing;

/// <summary>A transport without a network: what stands behind the seam can be anything.</summary>
public sealed class InMemoryTransport : ITransport
{
    private readonly Channel<TransportConnection> _pending = Channel.CreateUnbounded<TransportConnection>();

    /// <inheritdoc/>
    public ITransportListener Listen(EndPoint endPoint) => new Listener(endPoint, _pending);

    /// <summary>Connects to whoever listens.</summary>
    /// <param name="capacity">How many bytes the network takes from the server while this client does not read.</param>
    public WireClient Connect(int capacity = 64 * 1024)
    {
        var (server, client) = InMemoryConnection.CreatePair(capacity);
        _pending.Writer.TryWrite(server);
        return WireClient.Over(client);
    }

    private sealed class Listener(EndPoint endPoint, Channel<TransportConnection> pending) : ITransportListener
    {
        public EndPoint EndPoint => endPoint;

        public async ValueTask<TransportConnection?> AcceptAsync()
            => await pending.Reader.WaitToReadAsync().ConfigureAwait(false) ? await pending.Reader.ReadAsync().ConfigureAwait(false) : null;

        public ValueTask DisposeAsync()
        {
            pending.Writer.TryComplete();
            return default;
        }
    }
}
