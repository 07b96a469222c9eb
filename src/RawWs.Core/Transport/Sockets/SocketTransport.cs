using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>TCP and Unix sockets through <see cref="System.Net.Sockets"/>, on every platform that .NET runs on.</summary>
/// <param name="options">What applies to all its sockets.</param>
/// <param name="time">The clock that a back-off waits by.</param>
internal sealed class SocketTransport(SocketTransportOptions options, TimeProvider time) : ITransport
{
    /// <inheritdoc/>
    public ITransportListener Listen(EndPoint endPoint) => SocketListener.Start(endPoint, options, time, TakeOver);

    private SocketConnection TakeOver(Socket socket)
    {
        // Reads and writes are tried at once and awaited only if they would block.
        socket.Blocking = false;
        SocketSettings.Apply(socket, options);
        return new SocketConnection(socket, options.MaxReceiveSize);
    }
}
