using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace RawWs.Transport;

/// <summary>
/// Reads a socket on the thread that finds its bytes. Whether there may be something to receive is a flag: the loop sets it when the system has news, which it
/// tells once, and whoever receives clears it before asking, so that none is lost between the two. A wait is a state and holds nothing.
/// </summary>
internal sealed class EventLoopReader : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem, IDisposable
{
    /// <summary>
    /// After so many reads in a row that did not have to wait, or so many bytes, the loop serves others before it comes back: a peer that never stops sending
    /// must not keep the loop to itself.
    /// </summary>
    private const int MaxReadsInARow = 256, MaxBytesInARow = 512 * 1024;

    // Who may complete the pending read, decided by one compare-and-swap.
    private const int Idle = 0, Waiting = 1, Queued = 2;

    private readonly Descriptor _socket;
    private readonly EventLoop _loop;
    private readonly EventLoopWriter _writer;
    private readonly int _maxReceiveSize;
    private readonly SegmentChain _chain;

    private ManualResetValueTaskSourceCore<ReadResult> _source;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private TransportClosedException? _failure;
    private int _readsInARow;
    private int _bytesInARow;

    private int _state = Idle;
    private int _isReadable;
    private int _isCanceled;
    private volatile bool _isAborted;
    private volatile bool _isLast;
    private bool _hasUnexamined;
    private bool _isCompleted;

    public EventLoopReader(Descriptor socket, EventLoop loop, EventLoopWriter writer, bool isInline, int maxReceiveSize)
    {
        (_socket, _loop, _writer, _maxReceiveSize) = (socket, loop, writer, maxReceiveSize);
        _chain = new SegmentChain(maxReceiveSize);
        _source.RunContinuationsAsynchronously = !isInline;
    }

    private bool HasNews => Volatile.Read(ref _isReadable) == 1 || Volatile.Read(ref _isCanceled) == 1 || _isAborted;

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
        if (Volatile.Read(ref _isCanceled) == 1 && Interlocked.Exchange(ref _isCanceled, 0) == 1)
        {
            result = new ReadResult(_chain.Bytes, isCanceled: true, _isCompleted);
            return true;
        }

        if (_hasUnexamined || _isCompleted || _failure is not null || TryReceive())
        {
            if (_failure is not null)
                throw _failure;

            result = new ReadResult(_chain.Bytes, isCanceled: false, _isCompleted);
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
    public void Dispose() => _chain.Return();

    /// <summary>The system has news. Called on the loop's thread.</summary>
    /// <param name="isLast">Whether the end has come: then there is always something to receive, up to that.</param>
    public void OnReadable(bool isLast)
    {
        if (isLast)
            _isLast = true;

        // Mostly somebody waits, and then the flag, which nobody else looks at meanwhile, is not needed.
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            ReceiveForReader(hasNews: true);
            return;
        }

        Interlocked.Exchange(ref _isReadable, 1);
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
            ReceiveForReader(hasNews: false);
    }

    /// <summary>The connection has been aborted. Calls nobody.</summary>
    public void OnAborted()
    {
        _isAborted = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
            ReceiveForReader(hasNews: false);
    }

    /// <summary>Receives in the place of a reader that waited: it is not running, and its read can't be cancelled meanwhile.</summary>
    /// <param name="hasNews">Whether the system has just told that there is something, so that the flag need not be looked at.</param>
    private void ReceiveForReader(bool hasNews)
    {
        do
        {
            if (hasNews ? Receive() : TryReceive())
            {
                Deliver();
                return;
            }

            // The bytes that the system told of were received before it told. The wait goes on, with whatever has come up while it did not.
            hasNews = false;
            Interlocked.Exchange(ref _state, Waiting);
            if (_cancellationToken.IsCancellationRequested)
                OnCanceled();
            else if (Volatile.Read(ref _isCanceled) == 1)
                DeliverCancellation();
        }
        while (HasNews && Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting);
    }

    /// <summary>Receives what is there. Called by the one reader, or on its behalf.</summary>
    /// <returns>Whether there is news: bytes, the end, or a failure.</returns>
    private bool TryReceive()
    {
        if (_isAborted)
        {
            _failure = DescriptorFailure.Aborted();
            return true;
        }

        // Cleared before the system is asked: what comes after that sets it again.
        return Volatile.Read(ref _isReadable) == 1 && Interlocked.Exchange(ref _isReadable, 0) == 1 && Receive();
    }

    private bool Receive()
    {
        try
        {
            var memory = _chain.GetMemory();
            if (memory.Length > _maxReceiveSize)
                memory = memory[.._maxReceiveSize];

            int count, error;
            do
                count = InteropEventLoop.Receive(_socket, memory.Span, out error);
            while (count < 0 && error == DescriptorFailure.Interrupted);

            if (count > 0)
            {
                _chain.FillFromFlow(count);
                _bytesInARow += count;

                // A short read says that there was no more, and the system will tell when there is. But of the end it may have told already.
                if (count == memory.Length || _isLast)
                    Interlocked.Exchange(ref _isReadable, 1);

                return true;
            }

            if (error == DescriptorFailure.WouldBlock)
            {
                _chain.ReturnIfEmpty();
                return false;
            }

            // The system tells of a reset once, and the sender may have been the one to be told.
            _failure = error == 0 ? _writer.Failure : DescriptorFailure.From(error);
            _isCompleted = _failure is null;
        }
        catch (ObjectDisposedException)
        {
            _failure = DescriptorFailure.Aborted();
        }

        _chain.ReturnIfEmpty();
        return true;
    }

    private ValueTask<ReadResult> CompleteNow(ReadResult result)
    {
        if ((++_readsInARow < MaxReadsInARow && _bytesInARow < MaxBytesInARow) || result.IsCompleted || result.IsCanceled)
            return new ValueTask<ReadResult>(result);

        // The result is there; only its delivery takes the long way.
        (_readsInARow, _bytesInARow) = (0, 0);
        _source.Reset();
        Volatile.Write(ref _state, Queued);
        _loop.Schedule(static reader => ((EventLoopReader)reader!).DeliverQueued(), this);
        return new ValueTask<ReadResult>(this, _source.Version);
    }

    /// <summary>Begins to wait.</summary>
    /// <returns><see langword="false"/> if there is no need to wait any more.</returns>
    private bool TryWait(CancellationToken cancellationToken)
    {
        _source.Reset();
        (_readsInARow, _bytesInARow) = (0, 0);
        _cancellationToken = cancellationToken;
        Interlocked.Exchange(ref _state, Waiting);

        // Whatever came up before that could not complete the read; from here on it does so itself.
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static reader => ((EventLoopReader)reader!).OnCanceled(), this);

        if (!HasNews || Interlocked.CompareExchange(ref _state, Idle, Waiting) != Waiting)
            return true;

        EndCancellation();
        return false;
    }

    private void OnCanceled()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
            _source.SetException(new OperationCanceledException(_cancellationToken));
    }

    private void DeliverCancellation()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) != Waiting)
            return;

        Interlocked.Exchange(ref _isCanceled, 0);
        _source.SetResult(new ReadResult(_chain.Bytes, isCanceled: true, _isCompleted));
    }

    private void DeliverQueued()
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

    private void EndCancellation()
    {
        _cancellation.Dispose();
        _cancellation = default;
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        EndCancellation();
        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);
}
