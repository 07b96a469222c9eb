using System.Net.Sockets;

namespace RawWs.Transport;

// What goes wrong when accepting, and what the loop does about it.
internal abstract partial class TransportListener<TSocket>
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(1);

    // While clients are being dropped they should not wait long for that.
    private static readonly TimeSpan LongestBackOffWithReserve = TimeSpan.FromMilliseconds(100);

    /// <summary>How many connections in a row may be found broken before the loop rests: it must not spin, whatever the reason.</summary>
    private const int MaxBrokenInARow = 100;

    /// <summary>How many clients are dropped before the loop looks whether there are descriptors again.</summary>
    private const int MaxDropsAtOnce = 256;

    private readonly ReserveDescriptor _reserve = new();
    private TimeSpan _backOff = FirstBackOff;
    private int _brokenInARow;

    // What the last look found. A look at each connection would be a call of the system's for each.
    private long _descriptorLimit;

    /// <summary>
    /// Whether only as many descriptors are left as the process itself may need: the runtime opens some when it starts a thread or loads an assembly, and where it
    /// finds none, it may end the process.
    /// </summary>
    private bool IsLastButFew(nint number)
    {
        if (OperatingSystem.IsWindows() || !IsLastButFew(number, _descriptorLimit))
            return false;

        // It may have been raised. Where it has been lowered, the next connection that there is no descriptor for tells.
        _descriptorLimit = InteropDescriptors.ReadLimit();
        return IsLastButFew(number, _descriptorLimit);
    }

    // POSIX gives out the lowest number that is free: all below it are in use.
    private static bool IsLastButFew(nint number, long limit) => number >= limit - Math.Clamp(limit / 16, 4, 64);

    private void Drop(TSocket accepted)
    {
        _options.OnAcceptFailed?.Invoke(nameof(SocketError.TooManyOpenSockets));
        ResetOnClose(accepted);
        accepted.Dispose();
        _options.OnDropped?.Invoke();
    }

    private void Reset(Socket accepted)
    {
        SocketSettings.ResetOnClose(accepted);
        accepted.Dispose();
        _options.OnDropped?.Invoke();
    }

    /// <summary>Makes what will be needed when there are no descriptors: the one in reserve, and the thread of the runtime's timers.</summary>
    private void PrepareForShortage()
    {
        _reserve.TryTake();
        _time.CreateTimer(static _ => { }, null, LongestBackOff, Timeout.InfiniteTimeSpan).Dispose();
    }

    private void ReportFailure(Exception error)
        => _options.OnAcceptFailed?.Invoke(error is SocketException { SocketErrorCode: var code } ? code.ToString() : error.GetType().Name);

    private async ValueTask RecoverAsync(Exception error)
    {
        ReportFailure(error);
        var code = (error as SocketException)?.SocketErrorCode ?? SocketError.SocketError;

        // That was the affair of a peer which has gone.
        if (IsOfConnection(code) && ++_brokenInARow < MaxBrokenInARow)
            return;

        _descriptorLimit = InteropDescriptors.ReadLimit();
        var isDropping = code == SocketError.TooManyOpenSockets && TryDropWaiting();

        // What is short or wrong passes, or it keeps coming back; a loop that ends helps in neither case, and one that spins makes both worse.
        await RestAsync(_backOff).ConfigureAwait(false);
        _backOff = TimeSpan.FromTicks(Math.Min(2 * _backOff.Ticks, (isDropping ? LongestBackOffWithReserve : LongestBackOff).Ticks));
    }

    // accept(2): "Linux accept() passes already-pending network errors on the new socket as an error code from accept()", and they are to be retried.
    private static bool IsOfConnection(SocketError error) => error is SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.Interrupted
        or SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.HostUnreachable or SocketError.ProtocolOption
        or SocketError.TimedOut or SocketError.WouldBlock;

    /// <summary>
    /// Drops the clients that the kernel has let in and there is no descriptor for: they would wait until there is one. Now they see an end, and may go elsewhere.
    /// </summary>
    /// <returns>Whether there is a reserve to do so with.</returns>
    private bool TryDropWaiting()
    {
        try
        {
            for (var count = 0; _reserve.TryTake(); count++)
            {
                if (count == MaxDropsAtOnce || !Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
                    return true;

                _reserve.Release();
                Reset(Socket.Accept());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Somebody else took the descriptor, the client was faster, or the listener is being disposed: the loop will see.
        }

        return _reserve.TryTake();
    }

    private async ValueTask RestAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the caller's loop sees it.
        }
        catch (OutOfMemoryException)
        {
            // No timer to be had: so the runtime says that it can start no thread. Then the loop goes on without rest.
            await Task.Yield();
        }
    }
}
