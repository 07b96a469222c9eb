using System.IO.Compression;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RawWs.Compression;
using RawWs.Transport;

namespace RawWs;

/// <summary>
/// Everything that can be set on a <see cref="WebSocketServer"/>. Every quantity that a peer controls has a limit here, and nothing waits without
/// a deadline. Read when the server is made; later changes have no effect on it.
/// </summary>
/// <remarks>Setters throw an <see cref="ArgumentOutOfRangeException"/> that names the range, or an <see cref="ArgumentNullException"/> where there must be something. Sizes are in bytes.</remarks>
public sealed partial class WebSocketServerOptions
{
    // What Clone gives a list of its own.
    private IList<EndPoint> _endPoints = [];
    private IList<string> _subprotocols = [];

    /// <summary>
    /// Where to listen: <see cref="IPEndPoint"/>s, of which <see cref="IPAddress.IPv6Any"/> stands for any address of both families, and
    /// <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>s, and <see cref="InheritedEndPoint"/>s for sockets that listen already; a <see cref="Transport"/> of
    /// your own may take others. Port 0 takes any free port; <see cref="WebSocketServer.EndPoints"/> tells which.
    /// </summary>
    public IList<EndPoint> EndPoints { get => _endPoints; init => _endPoints = NotNull(value); }

    /// <summary>
    /// Whether the server may be started without an end point, because all its connections come through <see cref="WebSocketServer.ServeAsync"/>. Default: no, for
    /// mostly the end point has been forgotten.
    /// </summary>
    public bool AllowNoEndPoints { get; set; }

    /// <summary>
    /// The subprotocols that the server speaks, the preferred one first (RFC 6455 §1.9). The first that the client offers too is agreed on; if
    /// there is none, the connection opens without. An <see cref="OnUpgrade"/> hook may choose otherwise. Each is a token: letters, digits and some signs, without spaces and commas.
    /// </summary>
    public IList<string> Subprotocols { get => _subprotocols; init => _subprotocols = NotNull(value); }

    /// <summary>
    /// From which web pages a browser may connect. Default: the same host if the request carries a cookie, or what else browsers send along by themselves
    /// (<see cref="OriginPolicy.SameHostWithCookie"/>).
    /// </summary>
    public OriginPolicy OriginPolicy { get; set => field = NotNull(value); } = OriginPolicy.SameHostWithCookie;

    /// <summary>
    /// Decides about each valid opening handshake before it is answered: accepts it, with a subprotocol, headers and a state of its own, or refuses it.
    /// May take its time, within <see cref="HandshakeTimeout"/>; its token is cancelled after that. If it throws, the answer is 500. Default: none, accept.
    /// </summary>
    public Func<UpgradeRequest, CancellationToken, ValueTask<UpgradeResponse>>? OnUpgrade { get; set; }

    /// <summary>Whether pings are answered by the server itself, as RFC 6455 §5.5.2 demands. Off, the application answers. Default: on.</summary>
    public bool AutomaticPong { get; set; } = true;

    /// <summary>Whether messages are compressed (permessage-deflate, RFC 7692) with clients that offer it. Default: off.</summary>
    public CompressionMode Compression { get; set => field = Named(value); }

    /// <summary>How hard is compressed: the less, the faster. Default: <see cref="CompressionLevel.Fastest"/>.</summary>
    public CompressionLevel CompressionLevel { get; set => field = Named(value); } = CompressionLevel.Fastest;

    /// <summary>Where log messages go. What peers do wrong is at Debug or below. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set => field = NotNull(value); } = NullLoggerFactory.Instance;

    /// <summary>The clock of all deadlines. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set => field = NotNull(value); } = TimeProvider.System;

    /// <summary>
    /// What connections come through. Default, null: TCP and Unix sockets, by <see cref="EventLoopTransport"/> where it is supported, else by
    /// <see cref="SocketTransport"/>. On event loops a session must not block its thread, which others share: where sessions do, name the other one, or set
    /// <see cref="EventLoopTransportOptions.RunsSessionsInline"/>.
    /// </summary>
    public ITransport? Transport { get; set; }

    /// <summary>Why the runtime's zlib can't be used, null if it can. Tests let it be missing.</summary>
    internal Func<string?> WhyNoZlib { get; set; } = InteropZlib.WhyMissing;

    /// <summary>What a server keeps: nothing that is changed afterwards reaches it.</summary>
    internal WebSocketServerOptions Clone()
    {
        var clone = (WebSocketServerOptions)MemberwiseClone();
        (clone._endPoints, clone._subprotocols, clone._trustedProxies) = ([.. _endPoints.Select(Copy)], [.. _subprotocols], [.. _trustedProxies]);
        clone.Tls = Tls?.Clone();
        return clone;
    }

    // The other kinds can't be changed; those of somebody else are his affair.
    private static EndPoint Copy(EndPoint endPoint) => endPoint is IPEndPoint && endPoint.GetType() == typeof(IPEndPoint) ? endPoint.Create(endPoint.Serialize()) : endPoint;
}
