using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>
/// Reads a socket directly: no task between the socket and whoever awaits, and no buffer while nothing has arrived. A read that finds
/// nothing waits with an empty buffer; when bytes come they are received on the thread that learned of them, and the reader continues there.
/// </summary>
internal sealed class SocketReader : SegmentReader, IThreadPoolWorkItem, IDisposable
{
    // Who may complete the pending read, decided by one compare-and-swap: a wait may be under way with nobody awaiting it, because a
    // cancelled reader leaves it behind for the next one.
    private const int Idle = 0, Waiting = 1, WaitingWithReader = 2, Queued = 3;

    private readonly Socket _socket;
    private readonly WaitForBytes _wait;

    private int _state = Idle;
    private bool _isDrained = true;
    private int _isDisposed;

    public SocketReader(Socket socket, int maxReceiveSize = SegmentChain.MaxSegmentSize)
        : base(maxReceiveSize, continuesAsynchronously: false)
    {
        _socket = socket;
        _wait = new WaitForBytes(this);
    }

    /// <summary>Gives back all memory. The socket is closed and nobody reads any more.</summary>
    public void Dispose()
    {
        Chain.Return();

        // A wait that is still under way ends through the closing of the socket, and is disposed then.
        Interlocked.Exchange(ref _isDisposed, 1);
        if (Volatile.Read(ref _state) == Idle)
            _wait.Dispose();
    }

    /// <inheritdoc/>
    protected override bool TryReceive()
    {
        if (_isDrained)
            return false;

        try
        {
            var room = Room();
            var count = _socket.Receive(room.Span, SocketFlags.None, out var error);

            switch (error)
            {
                case SocketError.Success when count > 0:
                    Fill(count);

                    // A short read says that there was no more: the next one need not ask, it waits at once.
                    _isDrained = count < room.Length;
                    return true;

                case SocketError.Success:
                    IsCompleted = true;
                    break;

                case SocketError.WouldBlock:
                    _isDrained = true;
                    Chain.ReturnIfEmpty();
                    return false;

                default:
                    Failure = SocketFailure.From(error);
                    break;
            }
        }
        catch (ObjectDisposedException)
        {
            Failure = SocketFailure.Aborted();
        }

        Chain.ReturnIfEmpty();
        return true;
    }

    /// <summary>Begins to wait, or joins the wait that a cancelled reader left behind.</summary>
    /// <param name="cancellationToken">What is watched meanwhile.</param>
    /// <returns><see langword="false"/> if there is no need to wait any more.</returns>
    protected override bool TryWait(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, WaitingWithReader, Waiting) != Waiting && !TryBeginWait())
            return false;

        // Whatever happened up to here could not complete the read; from here on it does so itself.
        Watch(cancellationToken);
        if (IsCanceled)
            DeliverCancellation();

        return true;
    }

    /// <inheritdoc/>
    protected override bool TryTakePending() => Interlocked.CompareExchange(ref _state, Waiting, WaitingWithReader) == WaitingWithReader;

    /// <inheritdoc/>
    protected override void DeliverLater()
    {
        Volatile.Write(ref _state, Queued);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _state, Idle);
        Deliver();
    }

    private bool TryBeginWait()
    {
        // A wait that ended with nobody awaiting it has left word that there is something to receive.
        if (!_isDrained)
            return false;

        Volatile.Write(ref _state, WaitingWithReader);
        try
        {
            if (_socket.ReceiveAsync(_wait))
                return true;

            if (_wait.SocketError != SocketError.Success)
                Failure = SocketFailure.From(_wait.SocketError);
        }
        catch (ObjectDisposedException)
        {
            Failure = SocketFailure.Aborted();
        }

        // It did not have to wait.
        _isDrained = false;
        return Interlocked.Exchange(ref _state, Idle) != WaitingWithReader;
    }

    /// <summary>The wait is over: there are bytes, or the end, or a failure.</summary>
    private void OnReadable(SocketError error)
    {
        if (error != SocketError.Success)
            Failure = SocketFailure.From(error);

        _isDrained = false;
        if (Interlocked.Exchange(ref _state, Idle) != WaitingWithReader)
        {
            if (Volatile.Read(ref _isDisposed) == 1)
                _wait.Dispose();
            return;
        }

        // The read can't be cancelled any more, and its reader is not running: this thread acts in its place.
        if (Failure is null)
            TryReceive();

        Deliver();
    }

    /// <summary>A receive with an empty buffer: it completes when there is something to receive.</summary>
    private sealed class WaitForBytes(SocketReader reader) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e) => reader.OnReadable(SocketError);
    }
}
