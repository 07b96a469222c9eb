using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace RawWs.Transport;

/// <summary>
/// Accepts on the loops: all of them watch the socket, and the system wakes one that has nothing to do, so that a loop that somebody keeps does not keep those
/// who come. Whoever is found waiting is accepted on the thread that found it, and so are those behind.
/// </summary>
internal sealed class EventLoopListener : TransportListener<AcceptedSocket>, IValueTaskSource<AcceptedSocket>
{
    /// <summary>After so many in a row others have their turn: those who keep coming must not keep the loop.</summary>
    private const int MaxAcceptedInARow = 64;

    // Who may complete the accept that waits, decided by one compare-and-swap.
    private const int Idle = 0, Waiting = 1;

    private readonly EventLoopGroup _group;
    private readonly EventLoop[] _loops;
    private readonly List<Watch> _watches = [];
    private readonly SafeHandle _handle;
    private readonly EndPoint? _localEndPoint;

    private ManualResetValueTaskSourceCore<AcceptedSocket> _source;
    private int _state = Idle;
    private int _isAnybodyThere;
    private int _acceptedInARow;

    private EventLoopListener(ListeningSocket listening, EventLoopGroup group, EventLoop[] loops, SocketTransportOptions options, TimeProvider time)
        : base(listening, options, time)
        => (_group, _loops, _handle, _localEndPoint) = (group, loops, listening.Socket.SafeHandle, listening.LocalEndPoint);

    /// <summary>Begins to listen.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="group">Whose connections they become. It has one user less when the listener is disposed.</param>
    /// <param name="loops">Its loops.</param>
    /// <param name="options">What applies to its sockets.</param>
    /// <param name="time">The clock that a back-off waits by.</param>
    /// <exception cref="IOException">The end point can't be had.</exception>
    public static EventLoopListener Begin(EndPoint endPoint, EventLoopGroup group, EventLoop[] loops, SocketTransportOptions options, TimeProvider time)
    {
        // On Linux a socket is accepted with the options of the one that listened.
        var listening = ListeningSocket.Open(endPoint, options.Backlog, socket => SocketSettings.Apply(socket, options));
        var listener = new EventLoopListener(listening, group, loops, options, time);
        try
        {
            listener.BeginWatching();
            return listener;
        }
        catch (SocketException error)
        {
            listener.Close();
            throw new IOException($"Cannot listen on {endPoint}: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    protected override ValueTask<AcceptedSocket> AcceptSocketAsync(CancellationToken stopping)
    {
        if (_acceptedInARow < MaxAcceptedInARow && TryAccept(out var accepted))
        {
            _acceptedInARow++;
            return new ValueTask<AcceptedSocket>(accepted);
        }

        _acceptedInARow = 0;
        _source.Reset();
        Interlocked.Exchange(ref _state, Waiting);

        // Somebody who came before that could not complete the accept; from here on whoever comes does so.
        if (Volatile.Read(ref _isAnybodyThere) == 1)
            SchedulerOfCaller().Schedule(static listener => ((EventLoopListener)listener!).AcceptForWaiter(), this);

        return new ValueTask<AcceptedSocket>(this, _source.Version);
    }

    /// <inheritdoc/>
    protected override nint NumberOf(AcceptedSocket accepted) => accepted.Descriptor.DangerousGetHandle();

    /// <inheritdoc/>
    protected override void ResetOnClose(AcceptedSocket accepted) => InteropEventLoop.ResetOnClose(accepted.Descriptor);

    /// <inheritdoc/>
    protected override TransportConnection TakeOver(AcceptedSocket accepted) => _group.TakeOver(accepted, _localEndPoint);

    /// <inheritdoc/>
    protected override void BeforeClosing() => StopWatching();

    /// <inheritdoc/>
    protected override void OnClosed()
    {
        // The accept that waits finds out now.
        OnNews();
        _group.Leave();
    }

    // It goes on: any other loop may be kept.
    private PipeScheduler SchedulerOfCaller() => (PipeScheduler?)Array.Find(_loops, loop => loop.IsInTurn) ?? PipeScheduler.ThreadPool;

    private void BeginWatching()
    {
        foreach (var loop in _loops)
        {
            var watch = new Watch(this, loop);
            loop.Add(watch, _handle, InteropEventLoop.In | InteropEventLoop.Exclusive);
            _watches.Add(watch);
        }
    }

    private void StopWatching() => _watches.ForEach(watch => watch.Loop.Remove(watch, _handle));

    private void OnNews()
    {
        Interlocked.Exchange(ref _isAnybodyThere, 1);
        AcceptForWaiter();
    }

    /// <summary>Accepts in the place of the accept that waits.</summary>
    private void AcceptForWaiter()
    {
        while (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            if (TryComplete())
                return;

            // Another loop was faster. The wait goes on, with whoever has come while it did not.
            Interlocked.Exchange(ref _state, Waiting);
            if (Volatile.Read(ref _isAnybodyThere) == 0)
                return;
        }
    }

    private bool TryComplete()
    {
        AcceptedSocket accepted;
        try
        {
            if (!TryAccept(out accepted))
                return false;
        }
        catch (Exception error)
        {
            // It is the accept's, which deals with it, or ends because the socket has been closed.
            _source.SetException(error);
            return true;
        }

        _source.SetResult(accepted);
        return true;
    }

    private bool TryAccept(out AcceptedSocket accepted)
    {
        // Cleared before the system is asked: who comes after that sets it again.
        if (Interlocked.Exchange(ref _isAnybodyThere, 0) == 0)
        {
            accepted = default;
            return false;
        }

        var isAnybodyThere = true;
        try
        {
            return isAnybodyThere = InteropEventLoop.TryAccept(_handle, out accepted);
        }
        finally
        {
            // There may be others, or there still is the one who can't be accepted: the system has told, and will not do so again.
            if (isAnybodyThere)
                Interlocked.Exchange(ref _isAnybodyThere, 1);
        }
    }

    AcceptedSocket IValueTaskSource<AcceptedSocket>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<AcceptedSocket>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<AcceptedSocket>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);

    /// <summary>The listener on one loop.</summary>
    private sealed class Watch(EventLoopListener listener, EventLoop loop) : IWatched
    {
        public EventLoop Loop => loop;

        public ulong Token { get; set; }

        public void OnEvents(uint events) => listener.OnNews();
    }
}
