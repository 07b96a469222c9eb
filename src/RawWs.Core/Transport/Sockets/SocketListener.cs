using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>Accepts through the runtime's sockets.</summary>
internal sealed class SocketListener : TransportListener<Socket>
{
    private readonly SocketTransportOptions _options;

    public SocketListener(ListeningSocket listening, SocketTransportOptions options, TimeProvider time) : base(listening, options, time) => _options = options;

    /// <inheritdoc/>
    protected override ValueTask<Socket> AcceptSocketAsync(CancellationToken stopping) => Socket.AcceptAsync(stopping);

    /// <inheritdoc/>
    protected override nint NumberOf(Socket accepted) => accepted.Handle;

    /// <inheritdoc/>
    protected override void ResetOnClose(Socket accepted) => SocketSettings.ResetOnClose(accepted);

    /// <inheritdoc/>
    protected override TransportConnection TakeOver(Socket accepted)
    {
        // Reads and writes are tried at once and awaited only if they would block.
        accepted.Blocking = false;
        SocketSettings.Apply(accepted, _options);
        return new SocketConnection(accepted, _options.MaxReceiveSize);
    }
}
