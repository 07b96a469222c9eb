using System.Net;
using Microsoft.Extensions.Logging;

namespace RawWs.Transport;

/// <summary>TCP and Unix sockets through <see cref="System.Net.Sockets"/>, on every platform that .NET runs on.</summary>
/// <param name="options">What applies to all its sockets.</param>
/// <param name="time">The clock that a back-off waits by.</param>
/// <param name="logger">Where errors of accepting go.</param>
internal sealed class SocketTransport(SocketTransportOptions options, TimeProvider time, ILogger logger) : ITransport
{
    /// <inheritdoc/>
    public ITransportListener Listen(EndPoint endPoint) => SocketListener.Start(endPoint, options, time, logger);
}
