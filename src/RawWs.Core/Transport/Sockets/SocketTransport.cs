using System.Net;

namespace RawWs.Transport;

/// <summary>
/// TCP and Unix sockets through <see cref="System.Net.Sockets"/>, on every platform that .NET runs on. Sessions run on the thread pool, and may block its threads.
/// </summary>
/// <remarks>Give it to <see cref="WebSocketServerOptions.Transport"/> where the default would be <see cref="EventLoopTransport"/>, and sessions block.</remarks>
public sealed class SocketTransport : ITransport
{
    private readonly SocketTransportOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a transport that one server or several listen through.</summary>
    public SocketTransport()
        : this(new SocketTransportOptions(Backlog: 512, UnacknowledgedTimeout: TimeSpan.Zero), TimeProvider.System)
    {
    }

    private SocketTransport(SocketTransportOptions options, TimeProvider time) => (_options, _time) = (options, time);

    /// <inheritdoc/>
    public ITransportListener Listen(EndPoint endPoint) => new SocketListener(ListeningSocket.Open(endPoint, _options.Backlog), _options, _time);

    /// <summary>What one server listens through, with its options.</summary>
    /// <param name="options">What applies to all its sockets.</param>
    /// <param name="time">The clock that a back-off waits by.</param>
    internal static SocketTransport For(SocketTransportOptions options, TimeProvider time) => new(options, time);
}
