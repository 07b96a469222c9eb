using System.Globalization;
using System.Net;

namespace RawWs.Transport;

/// <summary>
/// A socket that listens already, and that whoever started this process has handed over: systemd's socket activation, or a parent that keeps the socket while
/// servers come and go. Something to listen on in place of an address, with <see cref="SocketTransport"/> and <see cref="EventLoopTransport"/>.
/// </summary>
/// <remarks>
/// The server closes its descriptor when it stops, and nothing more: connections that come later wait for whoever else has the socket, and the file of a Unix socket
/// stays. <see cref="WebSocketServer.EndPoints"/> tells where it listens.
/// </remarks>
public sealed class InheritedEndPoint : EndPoint
{
    /// <param name="descriptor">
    /// The number of its descriptor, which from the start on is the server's. Starting throws an <see cref="IOException"/> if it is none of a stream socket that listens; whatever it is the number of
    /// is left alone then.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public InheritedEndPoint(int descriptor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        Descriptor = descriptor;
    }

    /// <summary>The number of its descriptor.</summary>
    public int Descriptor { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"descriptor {Descriptor}");
}
