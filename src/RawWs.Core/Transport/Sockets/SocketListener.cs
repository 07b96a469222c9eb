using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>Accepts the connections of one end point, whatever happens to single ones or to the process's supply of descriptors.</summary>
internal sealed partial class SocketListener : ITransportListener
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TcpListener? _tcpListener;
    private readonly Socket _socket;
    private readonly SocketTransportOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<Socket, TransportConnection> _takeOver;

    private SocketListener(
        Socket socket, TcpListener? tcpListener, SocketTransportOptions options, TimeProvider time, Func<Socket, TransportConnection> takeOver)
    {
        (_socket, _tcpListener, _options, _time, _takeOver) = (socket, tcpListener, options, time, takeOver);
        EndPoint = socket.LocalEndPoint!; // It is bound.
        PrepareForShortage();

        // Accepting is awaited; and where a waiting client is only dropped, nothing may block.
        if (!OperatingSystem.IsWindows())
            socket.Blocking = false;
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <param name="endPoint">Where it listens.</param>
    /// <param name="options">What applies to its sockets.</param>
    /// <param name="time">The clock that a back-off waits by.</param>
    /// <param name="takeOver">Makes a connection of an accepted socket. Where it throws, the socket is still the listener's.</param>
    /// <exception cref="IOException">The end point can't be had.</exception>
    public static SocketListener Start(EndPoint endPoint, SocketTransportOptions options, TimeProvider time, Func<Socket, TransportConnection> takeOver)
    {
        try
        {
            if (endPoint is UnixDomainSocketEndPoint unix)
                return new SocketListener(UnixSocketFile.Listen(unix, options.Backlog), null, options, time, takeOver);

            var listener = new TcpListener((IPEndPoint)endPoint);

            // Any IPv6 address means any address.
            if (((IPEndPoint)endPoint).Address.Equals(IPAddress.IPv6Any))
                listener.Server.DualMode = true;

            listener.Start(options.Backlog);
            return new SocketListener(listener.Server, listener, options, time, takeOver);
        }
        catch (SocketException error)
        {
            throw new IOException($"Cannot listen on {endPoint}: {(endPoint is IPEndPoint ? Explain(error) : ExplainUnix(error))}", error);
        }
        catch (UnauthorizedAccessException error)
        {
            // What a process that was killed has left there is somebody else's.
            throw new IOException($"Cannot listen on {endPoint}: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<TransportConnection?> AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var accepted = await AcceptSocketAsync().ConfigureAwait(false);
                if (IsLastButFew(accepted))
                    Drop(accepted);
                else if (TryTakeOver(accepted) is { } connection)
                    return connection;
            }
            catch (Exception error) when (_stopping.IsCancellationRequested && error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Disposing ends the accept that is under way in one of these ways.
                break;
            }
            catch (Exception error)
            {
                // The top of the loop, which ends when the listener does and not before: where descriptors are short, the runtime may throw anything.
                await RecoverAsync(error).ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;

        await _stopping.CancelAsync().ConfigureAwait(false);
        _tcpListener?.Dispose();
        _socket.Dispose();
        _reserve.Dispose();

        if (EndPoint is UnixDomainSocketEndPoint unix)
            UnixSocketFile.Delete(unix);
    }

    private ValueTask<Socket> AcceptSocketAsync()
        => _tcpListener is null ? _socket.AcceptAsync(_stopping.Token) : _tcpListener.AcceptSocketAsync(_stopping.Token);

    /// <returns>Null if the peer has gone already.</returns>
    private TransportConnection? TryTakeOver(Socket accepted)
    {
        (_backOff, _brokenInARow) = (FirstBackOff, 0);
        try
        {
            return _takeOver(accepted);
        }
        catch (SocketException error)
        {
            // It was reset before it could be asked anything.
            accepted.Dispose();
            ReportFailure(error);
            return null;
        }
        catch
        {
            accepted.Dispose();
            throw;
        }
    }

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
