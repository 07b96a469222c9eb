using System.Net;

namespace RawWs.Transport;

/// <summary>TCP and Unix sockets through <see cref="System.Net.Sockets"/>, on every platform that .NET runs on.</summary>
/// <param name="options">What applies to all its sockets.</param>
/// <param name="time">The clock that a back-off waits by.</param>
internal sealed class SocketTransport(SocketTransportOptions options, TimeProvider time) : ITransport
{
    /// <inheritdoc/>
    public ITransportListener Listen(EndPoint endPoint) => new SocketListener(ListeningSocket.Open(endPoint, options.Backlog), options, time);
}
