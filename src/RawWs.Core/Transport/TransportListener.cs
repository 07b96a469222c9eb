using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>
/// Accepts the connections of one end point, whatever happens to single ones or to the process's supply of descriptors. How one is accepted is the transport's.
/// </summary>
/// <typeparam name="TSocket">A socket that has been accepted and is nobody's connection yet.</typeparam>
internal abstract partial class TransportListener<TSocket> : ITransportListener
    where TSocket : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ListeningSocket _listening;
    private readonly SocketTransportOptions _options;
    private readonly TimeProvider _time;
    private bool _isDisposed;

    /// <param name="listening">The socket that listens. It is the listener's.</param>
    /// <param name="options">What applies to its sockets.</param>
    /// <param name="time">The clock that a back-off waits by.</param>
    protected TransportListener(ListeningSocket listening, SocketTransportOptions options, TimeProvider time)
    {
        (_listening, _options, _time) = (listening, options, time);
        PrepareForShortage();
    }

    /// <inheritdoc/>
    public EndPoint EndPoint => _listening.EndPoint;

    /// <summary>The socket that listens.</summary>
    protected Socket Socket => _listening.Socket;

    /// <inheritdoc/>
    public async ValueTask<TransportConnection?> AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var accepted = await AcceptSocketAsync(_stopping.Token).ConfigureAwait(false);
                if (IsLastButFew(NumberOf(accepted)))
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
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            Close();
        }
        finally
        {
            // Whether or not the file of a Unix socket could be deleted.
            OnClosed();
        }
    }

    /// <summary>Ends the listening. Called once, before or after anybody has accepted.</summary>
    protected void Close()
    {
        // The socket and the reserve are let go of, whatever fails.
        using (_reserve)
        using (_listening)
            BeforeClosing();
    }

    /// <summary>Waits for the next connection.</summary>
    /// <param name="stopping">Cancelled before the socket that listens is closed; either ends the waiting.</param>
    /// <exception cref="SocketException">The system says that it can't be had, or that there is none after all.</exception>
    /// <exception cref="ObjectDisposedException">Nobody listens any more.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was cancelled.</exception>
    protected abstract ValueTask<TSocket> AcceptSocketAsync(CancellationToken stopping);

    /// <summary>The number of a socket's descriptor.</summary>
    protected abstract nint NumberOf(TSocket accepted);

    /// <summary>Lets the closing of a socket be a reset.</summary>
    protected abstract void ResetOnClose(TSocket accepted);

    /// <summary>Makes a connection of an accepted socket. Where it throws, the socket is still the listener's.</summary>
    /// <exception cref="SocketException">The peer has gone already, or the system can't serve any more.</exception>
    protected abstract TransportConnection TakeOver(TSocket accepted);

    /// <summary>The socket that listens is about to be closed.</summary>
    protected virtual void BeforeClosing()
    {
    }

    /// <summary>The listener has been disposed, and the socket closed.</summary>
    protected virtual void OnClosed()
    {
    }

    /// <returns>Null if the peer has gone already.</returns>
    private TransportConnection? TryTakeOver(TSocket accepted)
    {
        (_backOff, _brokenInARow) = (FirstBackOff, 0);
        try
        {
            return TakeOver(accepted);
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
}
