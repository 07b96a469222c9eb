using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>A socket that listens at an end point; and the file of that, where it is a Unix socket's.</summary>
internal sealed class ListeningSocket : IDisposable
{
    private readonly UnixSocketFile? _file;

    /// <param name="socket">The socket, which is this one's.</param>
    /// <param name="file">What is deleted with it, if anything.</param>
    private ListeningSocket(Socket socket, UnixSocketFile? file)
    {
        Socket = socket;
        EndPoint = socket.LocalEndPoint!; // It is bound.
        _file = file;

        // Accepting is awaited; and where a waiting client is only dropped, nothing may block.
        if (!OperatingSystem.IsWindows())
            socket.Blocking = false;
    }

    /// <summary>The socket itself.</summary>
    public Socket Socket { get; }

    /// <summary>Where it listens, with the port that was really taken.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>
    /// The end of every connection that it accepts; null where that is told only by the connection, because it listens at any address.
    /// </summary>
    public EndPoint? LocalEndPoint
        => EndPoint is IPEndPoint { Address: var address } && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) ? null : EndPoint;

    /// <summary>Begins to listen.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="backlog">How many connections the kernel keeps until they are accepted.</param>
    /// <param name="prepare">Sets what it is to have before the first connection comes.</param>
    /// <exception cref="IOException">The end point can't be had.</exception>
    public static ListeningSocket Open(EndPoint endPoint, int backlog, Action<Socket>? prepare = null)
    {
        try
        {
            return endPoint switch
            {
                UnixDomainSocketEndPoint unix => new ListeningSocket(UnixSocketFile.Listen(unix, backlog, out var file), file),
                InheritedEndPoint inherited => new ListeningSocket(TakeOver(inherited, prepare), file: null),
                _ => new ListeningSocket(Listen((IPEndPoint)endPoint, backlog, prepare), file: null),
            };
        }
        catch (SocketException error)
        {
            throw new IOException($"Cannot listen on {endPoint}: {Explain(endPoint, error)}", error);
        }
        catch (UnauthorizedAccessException error)
        {
            // What a process that was killed has left there is somebody else's.
            throw new IOException($"Cannot listen on {endPoint}: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // In this order: while the socket is open, no other file can be taken for its own.
        using (Socket)
            _file?.Delete();
    }

    private static Socket Listen(IPEndPoint endPoint, int backlog, Action<Socket>? prepare)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Any IPv6 address means any address.
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;

            prepare?.Invoke(socket);
            socket.Bind(endPoint);
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket TakeOver(InheritedEndPoint endPoint, Action<Socket>? prepare)
    {
        // First through a handle that does not close it: whatever else has the number is somebody else's, now or by the time that a handle is finalized.
        using (var seen = new Socket(new SafeSocketHandle(endPoint.Descriptor, ownsHandle: false)))
        {
            if (seen.SocketType != SocketType.Stream || (int)seen.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! == 0) // It is a number.
                throw new SocketException((int)SocketError.OperationNotSupported);
        }

        var socket = new Socket(new SafeSocketHandle(endPoint.Descriptor, ownsHandle: true));
        try
        {
            if (socket.LocalEndPoint is IPEndPoint)
                prepare?.Invoke(socket);

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Explain(EndPoint endPoint, SocketException error) => endPoint switch
    {
        UnixDomainSocketEndPoint => ExplainUnix(error),
        InheritedEndPoint => "it is no stream socket that listens; whoever starts this program has to hand over one that does.",
        IPEndPoint { Address: var address } when error.SocketErrorCode == SocketError.InvalidArgument => ExplainInvalid(address) ?? Explain(error),
        _ => Explain(error),
    };

    private static string? ExplainInvalid(IPAddress address) => address switch
    {
        { IsIPv4MappedToIPv6: true } => $"it is an IPv4 address written as one of IPv6; write {address.MapToIPv4()}.",
        { IsIPv6LinkLocal: true, ScopeId: 0 } => $"a link-local address says of which network interface it is, as in {address}%eth0.",
        _ => null,
    };

    private static string Explain(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use; stop the other program or choose another port.",
        SocketError.AccessDenied => "permission denied; ports below 1024 need a privilege, choose a higher one.",
        SocketError.AddressNotAvailable => "this machine has no such address.",
        SocketError.AddressFamilyNotSupported => "this machine does not support that kind of address.",
        _ => error.Message,
    };

    private static string ExplainUnix(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program listens there, or it is a file of another kind; stop the program or choose another path.",
        SocketError.AccessDenied => "permission denied; choose a folder in which you may create files.",
        SocketError.AddressNotAvailable => "its folder does not exist; create it or choose another path.",
        _ => Explain(error),
    };
}
