using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace RawWs.Transport;

/// <summary>
/// Reads a socket directly: no task between the socket and whoever awaits, and no buffer while nothing has arrived. A read that finds
/// nothing waits with an empty buffer; when bytes come they are received on the thread that learned of them, and the reader continues there.
/// </summary>
internal sealed class SocketReader : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem, IDisposable
{
    /// <summary>
    /// After so many reads in a row that did not have to wait, or so many bytes, the reader goes to the back of the thread pool's queue: a peer that
    /// never stops sending must not keep a thread to itself.
    /// </summary>
    private const int MaxReadsInARow = 256, MaxBytesInARow = 512 * 1024;

    // Who may complete the pending read, decided by one compare-and-swap: a wait may be under way with nobody awaiting it, because a
    // cancelled reader leaves it behind for the next one.
    private const int Idle = 0, Waiting = 1, WaitingWithReader = 2, Queued = 3;

    private readonly Socket _socket;
    private readonly int _maxReceiveSize;
    private readonly SegmentChain _chain;
    private readonly WaitForBytes _wait;

    private ManualResetValueTaskSourceCore<ReadResult> _source;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;

    private int _state = Idle;

    private bool _isDrained = true;
    private bool _hasUnexamined;
    private bool _isCompleted;
    private int _readsInARow;
    private int _bytesInARow;
    private int _isCanceled;
    private int _isDisposed;
    private TransportClosedException? _failure;

    public SocketReader(Socket socket, int maxReceiveSize = SegmentChain.MaxSegmentSize)
    {
        (_socket, _maxReceiveSize) = (socket, maxReceiveSize);
        _chain = new SegmentChain(maxReceiveSize);
        _wait = new WaitForBytes(this);
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);

        while (true)
        {
            if (TryRead(out var result))
                return CompleteNow(result);

            if (TryWait(cancellationToken))
                return new ValueTask<ReadResult>(this, _source.Version);
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (Interlocked.Exchange(ref _isCanceled, 0) == 1)
        {
            result = new ReadResult(_chain.Bytes, isCanceled: true, _isCompleted);
            return true;
        }

        if (_hasUnexamined || _isCompleted || _failure is not null || TryReceive())
        {
            result = TakeResult();
            return true;
        }

        result = default;
        return false;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _hasUnexamined = !_chain.IsEnd(examined);
        _chain.ConsumeTo(consumed);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        Interlocked.Exchange(ref _isCanceled, 1);
        DeliverCancellation();
    }

    /// <summary>Does nothing: the socket outlives its reader, so that a close frame still arrives.</summary>
    public override void Complete(Exception? exception = null)
    {
    }

    /// <summary>Gives back all memory. The socket is closed and nobody reads any more.</summary>
    public void Dispose()
    {
        _chain.Return();

        // A wait that is still under way ends through the closing of the socket, and is disposed then.
        Interlocked.Exchange(ref _isDisposed, 1);
        if (Volatile.Read(ref _state) == Idle)
            _wait.Dispose();
    }

    /// <summary>Receives what is there. Called by the one reader, or by the wait on its behalf.</summary>
    /// <returns>Whether there is news: bytes, the end, or a failure.</returns>
    private bool TryReceive()
    {
        if (_isDrained)
            return false;

        try
        {
            var memory = _chain.GetMemory();
            if (memory.Length > _maxReceiveSize)
                memory = memory[.._maxReceiveSize];

            var count = _socket.Receive(memory.Span, SocketFlags.None, out var error);

            switch (error)
            {
                case SocketError.Success when count > 0:
                    _chain.FillFromFlow(count);
                    _bytesInARow += count;

                    // A short read says that there was no more: the next one need not ask, it waits at once.
                    _isDrained = count < memory.Length;
                    return true;

                case SocketError.Success:
                    _isCompleted = true;
                    break;

                case SocketError.WouldBlock:
                    _isDrained = true;
                    _chain.ReturnIfEmpty();
                    return false;

                default:
                    _failure = SocketFailure.From(error);
                    break;
            }
        }
        catch (ObjectDisposedException)
        {
            _failure = SocketFailure.Aborted();
        }

        _chain.ReturnIfEmpty();
        return true;
    }

    private ReadResult TakeResult()
    {
        if (_failure is not null)
            throw _failure;

        return new ReadResult(_chain.Bytes, isCanceled: false, _isCompleted);
    }

    private ValueTask<ReadResult> CompleteNow(ReadResult result)
    {
        if ((++_readsInARow < MaxReadsInARow && _bytesInARow < MaxBytesInARow) || result.IsCompleted || result.IsCanceled)
            return new ValueTask<ReadResult>(result);

        // The result is there; only its delivery takes the long way.
        (_readsInARow, _bytesInARow) = (0, 0);
        _source.Reset();
        Volatile.Write(ref _state, Queued);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return new ValueTask<ReadResult>(this, _source.Version);
    }

    /// <summary>Begins to wait, or joins the wait that a cancelled reader left behind.</summary>
    /// <returns><see langword="false"/> if there is no need to wait any more.</returns>
    private bool TryWait(CancellationToken cancellationToken)
    {
        _source.Reset();
        (_readsInARow, _bytesInARow) = (0, 0);

        if (Interlocked.CompareExchange(ref _state, WaitingWithReader, Waiting) != Waiting && !TryBeginWait())
            return false;

        // Whatever happened up to here could not complete the read; from here on it does so itself.
        _cancellationToken = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static reader => ((SocketReader)reader!).OnCanceled(), this);

        if (Volatile.Read(ref _isCanceled) == 1)
            DeliverCancellation();

        return true;
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
                _failure = SocketFailure.From(_wait.SocketError);
        }
        catch (ObjectDisposedException)
        {
            _failure = SocketFailure.Aborted();
        }

        // It did not have to wait.
        _isDrained = false;
        return Interlocked.Exchange(ref _state, Idle) != WaitingWithReader;
    }

    private void OnCanceled()
    {
        if (Interlocked.CompareExchange(ref _state, Waiting, WaitingWithReader) == WaitingWithReader)
            _source.SetException(new OperationCanceledException(_cancellationToken));
    }

    private void DeliverCancellation()
    {
        if (Interlocked.CompareExchange(ref _state, Waiting, WaitingWithReader) != WaitingWithReader)
            return;

        Interlocked.Exchange(ref _isCanceled, 0);
        _source.SetResult(new ReadResult(_chain.Bytes, isCanceled: true, _isCompleted));
    }

    /// <summary>The wait is over: there are bytes, or the end, or a failure.</summary>
    private void OnReadable(SocketError error)
    {
        if (error != SocketError.Success)
            _failure = SocketFailure.From(error);

        _isDrained = false;
        if (Interlocked.Exchange(ref _state, Idle) != WaitingWithReader)
        {
            if (Volatile.Read(ref _isDisposed) == 1)
                _wait.Dispose();
            return;
        }

        // The read can't be cancelled any more, and its reader is not running: this thread acts in its place.
        if (_failure is null)
            TryReceive();

        Deliver();
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _state, Idle);
        Deliver();
    }

    private void Deliver()
    {
        if (_failure is { } failure)
            _source.SetException(failure);
        else
            _source.SetResult(new ReadResult(_chain.Bytes, isCanceled: false, _isCompleted));
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);

    /// <summary>A receive with an empty buffer: it completes when there is something to receive.</summary>
    private sealed class WaitForBytes(SocketReader reader) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e) => reader.OnReadable(SocketError);
    }
}
