using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace RawWs.Transport;

/// <summary>Accepts the connections of one end point, whatever happens to single ones or to the process's supply of descriptors.</summary>
internal sealed partial class SocketListener : ITransportListener
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TcpListener? _tcpListener;
    private readonly Socket _socket;
    private readonly SocketTransportOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private SocketListener(Socket socket, TcpListener? tcpListener, SocketTransportOptions options, TimeProvider time, ILogger logger)
    {
        (_socket, _tcpListener, _options, _time, _logger) = (socket, tcpListener, options, time, logger);
        EndPoint = socket.LocalEndPoint!; // It is bound.
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <exception cref="IOException">The end point can't be had.</exception>
    public static SocketListener Start(EndPoint endPoint, SocketTransportOptions options, TimeProvider time, ILogger logger)
    {
        try
        {
            if (endPoint is UnixDomainSocketEndPoint unix)
                return new SocketListener(UnixSocketFile.Listen(unix, options.Backlog), null, options, time, logger);

            var listener = new TcpListener((IPEndPoint)endPoint);

            // Any IPv6 address means any address.
            if (((IPEndPoint)endPoint).Address.Equals(IPAddress.IPv6Any))
                listener.Server.DualMode = true;

            listener.Start(options.Backlog);
            return new SocketListener(listener.Server, listener, options, time, logger);
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
        var backOff = FirstBackOff;

        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                return await AcceptOneAsync().ConfigureAwait(false);
            }
            catch (SocketException error) when (!_stopping.IsCancellationRequested)
            {
                // The peer has gone before it was accepted: that was its affair alone.
                if (error.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.Interrupted)
                    continue;

                // Descriptors or kernel memory are short, or something unknown is wrong: it passes, or it keeps coming back; an accept loop
                // that ends helps in neither case, and one that spins makes both worse.
                LogAcceptFailed(error.SocketErrorCode, backOff.TotalMilliseconds);
                await BackOffAsync(backOff).ConfigureAwait(false);
                backOff = TimeSpan.FromTicks(Math.Min(2 * backOff.Ticks, LongestBackOff.Ticks));
            }
            catch (Exception error) when (_stopping.IsCancellationRequested && error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Disposing ends the accept that is under way in one of these ways.
                break;
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

        if (EndPoint is UnixDomainSocketEndPoint unix)
            UnixSocketFile.Delete(unix);
    }

    private async ValueTask<SocketConnection> AcceptOneAsync()
    {
        var accepted = _tcpListener is null
            ? await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false)
            : await _tcpListener.AcceptSocketAsync(_stopping.Token).ConfigureAwait(false);

        try
        {
            SocketSettings.Apply(accepted, _options);
            return new SocketConnection(accepted, _options.MaxReceiveSize);
        }
        catch
        {
            accepted.Dispose();
            throw;
        }
    }

    private async ValueTask BackOffAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the caller's loop sees it.
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

    [LoggerMessage(1, LogLevel.Warning, "Accepting connections failed ({Error}); trying again in {Milliseconds} ms")]
    private partial void LogAcceptFailed(SocketError error, double milliseconds);
}
