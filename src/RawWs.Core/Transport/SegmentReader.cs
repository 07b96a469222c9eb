using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace RawWs.Transport;

/// <summary>
/// Reads into segments, on the caller's thread as long as there is something to receive, and holds no memory while nothing has arrived. How to receive and how
/// to wait is what each transport knows for itself.
/// </summary>
internal abstract class SegmentReader : PipeReader, IReadSource
{
    /// <summary>
    /// After so many reads in a row that did not have to wait, or so many bytes, others are served before this one comes back: a peer that never stops sending
    /// must not keep a thread to itself.
    /// </summary>
    private const int MaxReadsInARow = 256, MaxBytesInARow = 512 * 1024;

    private static readonly Action<IReadWaiter> TellWaiter = static waiter => waiter.OnReadEnded();

    private readonly int _maxReceiveSize;
    private SegmentChain _chain;

    // Who waits for the pending read, or waited for the last, if it is nobody's task; and whether it has ended because of CancelPendingRead.
    private IReadWaiter? _waiter;
    private bool _wasCanceled;

    // What waits for the pending read, if it is a task; and the last that did, to be used again. Most connections need none after their handshake.
    private TaskRead? _task;
    private ReadCancellation? _cancellation;
    private int _isCanceled;
    private int _readsInARow;
    private int _bytesInARow;
    private readonly bool _continuesAsynchronously;
    private bool _hasUnexamined;

    // How many bytes the last read has brought that lie in memory which is only lent. Its waiter takes them at once, or has them kept.
    private int _lentLength;

    protected SegmentReader(int maxReceiveSize, bool continuesAsynchronously)
    {
        (_maxReceiveSize, _continuesAsynchronously) = (maxReceiveSize, continuesAsynchronously);
        _chain = new SegmentChain(maxReceiveSize);
    }

    /// <summary>What has been received and not been consumed.</summary>
    protected ref SegmentChain Chain => ref _chain;

    /// <summary>Whether the peer has ended its side.</summary>
    protected bool IsCompleted { get; set; }

    /// <summary>Why nothing more can be received, null if it can.</summary>
    protected TransportClosedException? Failure { get; set; }

    /// <summary>Whether <see cref="CancelPendingRead"/> has been called, and no read has said so yet.</summary>
    protected bool IsCanceled => Volatile.Read(ref _isCanceled) == 1;

    /// <summary>Whether the token of the read that waits is cancelled.</summary>
    protected bool IsCancellationRequested => _cancellation is { Token.IsCancellationRequested: true };

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);

        while (true)
        {
            var isThere = TryRead(out var result);
            if (isThere && !IsTurnOver(result))
                return new ValueTask<ReadResult>(result);

            _waiter = null;
            var task = _task ??= new TaskRead(this);
            var version = task.Begin();
            if (TryPend(isThere, cancellationToken))
                return new ValueTask<ReadResult>(task, version);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Without a token: the waiter may be called, and read on, on another thread while this one is about to return, and would meet the registration of the other
    /// one's token. Everything else belongs to whoever has taken the pending read.
    /// </remarks>
    public bool TryRead(IReadWaiter waiter, out ReadResult result)
    {
        _task = null;
        while (true)
        {
            var isThere = TryRead(out result);
            if (isThere && !IsTurnOver(result))
                return true;

            // Mostly it is the one of the last time.
            if (_waiter != waiter)
                _waiter = waiter;

            if (TryPend(isThere, CancellationToken.None))
                return false;
        }
    }

    /// <inheritdoc/>
    public ReadResult EndRead()
    {
        KeepLent();
        return Failure is null ? new ReadResult(Chain.Bytes, _wasCanceled, IsCompleted) : throw Failure;
    }

    /// <summary>Ends a read that had to wait, like <see cref="EndRead"/>, if it brought bytes and nothing else and all that are there lie in one piece.</summary>
    /// <param name="bytes">The bytes. <see cref="AdvanceToEnd"/> gives them back.</param>
    /// <param name="areLent">Whether they are lent until the waiter's call returns, unless <see cref="KeepLent"/> is called before.</param>
    /// <returns>Whether that is so. Otherwise <see cref="EndRead"/> is to be called.</returns>
    public bool TryEndReadInOnePiece(out ArraySegment<byte> bytes, out bool areLent)
    {
        areLent = _lentLength > 0;
        if (areLent)
        {
            bytes = Lent[.._lentLength];
            return true;
        }

        if (_wasCanceled || IsCompleted || Failure is not null || Chain.IsEmpty || !Chain.IsInOnePiece)
        {
            bytes = default;
            return false;
        }

        bytes = Chain.FirstSegment!.UnconsumedPart; // It is not empty.
        return true;
    }

    /// <summary>Lets what was read stay where it lies until it is given back.</summary>
    public void KeepLent()
    {
        if (_lentLength == 0)
            return;

        Chain.Adopt(TakeLent());
        Fill(_lentLength);
        _lentLength = 0;
    }

    /// <summary>All that was read and has not been given back. It is kept.</summary>
    public ReadOnlySequence<byte> Unconsumed => Chain.Bytes;

    /// <summary>Gives back all that was read.</summary>
    public void AdvanceToEnd()
    {
        if (_lentLength > 0)
        {
            _lentLength = 0;
            return;
        }

        _hasUnexamined = false;
        Chain.Return();
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (IsCanceled && Interlocked.Exchange(ref _isCanceled, 0) == 1)
        {
            result = new ReadResult(Chain.Bytes, isCanceled: true, IsCompleted);
            return true;
        }

        if (_hasUnexamined || IsCompleted || Failure is not null || TryReceive())
        {
            if (Failure is not null)
                throw Failure;

            result = new ReadResult(Chain.Bytes, isCanceled: false, IsCompleted);
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
        _hasUnexamined = !Chain.IsEnd(examined);
        Chain.ConsumeTo(consumed);
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

    /// <summary>The memory that was lent for the last read.</summary>
    protected virtual ArraySegment<byte> Lent => throw new NotSupportedException();

    /// <summary>Takes the memory that was lent for the last read: it is this one's from here on.</summary>
    protected virtual BufferSegment TakeLent() => throw new NotSupportedException();

    /// <summary>The one who waits, or waited last, if it is nobody's task.</summary>
    protected IReadWaiter? Waiter => _waiter;

    /// <summary>Completes the pending read, which is the caller's, with <paramref name="count"/> bytes in memory that is lent while this runs.</summary>
    protected void DeliverLent(int count)
    {
        _lentLength = count;
        if (_waiter is null)
            KeepLent();

        Deliver();
    }

    /// <summary>Receives what is there. Called by the one reader, or on its behalf.</summary>
    /// <returns>Whether there is news: bytes, the end, or a failure.</returns>
    protected abstract bool TryReceive();

    /// <summary>Begins to wait.</summary>
    /// <param name="cancellationToken">What is watched meanwhile.</param>
    /// <returns><see langword="false"/> if there is no need to wait any more.</returns>
    protected abstract bool TryWait(CancellationToken cancellationToken);

    /// <summary>Takes the pending read away from whatever would complete it.</summary>
    /// <returns>Whether there was one: it is the caller's to complete.</returns>
    protected abstract bool TryTakePending();

    /// <summary>Calls <see cref="Deliver"/> later, after others have been served. There is a pending read meanwhile that nothing else completes.</summary>
    protected abstract void DeliverLater();

    /// <summary>Room for what comes next.</summary>
    protected Memory<byte> Room()
    {
        var memory = Chain.GetMemory();
        return memory.Length > _maxReceiveSize ? memory[.._maxReceiveSize] : memory;
    }

    /// <summary>The same as a part of its array.</summary>
    protected ArraySegment<byte> RoomPart()
    {
        var part = Chain.GetPart();
        return part.Count > _maxReceiveSize ? part[.._maxReceiveSize] : part;
    }

    /// <summary>So many bytes have been received into <see cref="Room"/>.</summary>
    protected void Fill(int count)
    {
        Chain.FillFromFlow(count);
        _bytesInARow += count;
    }

    /// <summary>Lets the pending read end when its token says so.</summary>
    /// <param name="cancellationToken">The one that it was begun with. A read without one may be over by now, and <see cref="_cancellation"/> another read's.</param>
    protected void Watch(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            _cancellation!.Registration = cancellationToken.UnsafeRegister(static reader => ((SegmentReader)reader!).DeliverTokenCancellation(), this); // TryPend has made it.
    }

    /// <summary>The pending read, which is no more, need not be watched any longer.</summary>
    private void EndWatch() => _cancellation?.End();

    /// <summary>Completes the pending read, which is the caller's.</summary>
    protected void Deliver() => End(isCanceled: false);

    /// <summary>Completes the pending read, if there is one, as <see cref="CancelPendingRead"/> wants it.</summary>
    protected void DeliverCancellation()
    {
        if (!TryTakePending())
            return;

        Interlocked.Exchange(ref _isCanceled, 0);
        End(isCanceled: true);
    }

    /// <summary>Completes the pending read, which is the caller's, if it is cancelled.</summary>
    /// <returns>Whether it is.</returns>
    protected bool TryDeliverCancellation()
    {
        if (IsCancellationRequested)
            FailCanceled();
        else if (IsCanceled && Interlocked.Exchange(ref _isCanceled, 0) == 1)
            End(isCanceled: true);
        else
            return false;

        return true;
    }

    /// <summary>Completes the pending read, if there is one: its token is cancelled.</summary>
    private void DeliverTokenCancellation()
    {
        if (TryTakePending())
            FailCanceled();
    }

    private void FailCanceled() => _task!.Fail(new OperationCanceledException(_cancellation!.Token)); // It had a token, and so it is a task.

    /// <summary>Whether others come first.</summary>
    private bool IsTurnOver(in ReadResult result)
        => (++_readsInARow >= MaxReadsInARow || _bytesInARow >= MaxBytesInARow) && !result.IsCompleted && !result.IsCanceled;

    /// <summary>Makes the read a pending one.</summary>
    /// <param name="isThere">Whether its result is there, and only the delivery takes the long way.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns><see langword="false"/> if there is no need to wait any more.</returns>
    private bool TryPend(bool isThere, CancellationToken cancellationToken)
    {
        // Before it is known whether it waits: from then on all of this may be another thread's.
        var (readsBefore, bytesBefore) = (_readsInARow, _bytesInARow);
        (_readsInARow, _bytesInARow) = (0, 0);
        if (isThere)
        {
            DeliverLater();
            return true;
        }

        if (cancellationToken.CanBeCanceled || _cancellation is not null)
            (_cancellation ??= new ReadCancellation()).Token = cancellationToken;

        if (TryWait(cancellationToken))
            return true;

        // Nobody had a turn in between.
        (_readsInARow, _bytesInARow) = (readsBefore, bytesBefore);
        return false;
    }

    private void End(bool isCanceled)
    {
        if (_waiter is { } waiter)
        {
            _wasCanceled = isCanceled;
            if (_continuesAsynchronously)
                ThreadPool.UnsafeQueueUserWorkItem(TellWaiter, waiter, preferLocal: true);
            else
                waiter.OnReadEnded();
        }
        else if (Failure is { } failure && !isCanceled)
        {
            _task!.Fail(failure); // Nobody else waits.
        }
        else
        {
            _task!.End(isCanceled);
        }
    }

    /// <summary>A pending read as a task.</summary>
    private sealed class TaskRead : IValueTaskSource<ReadResult>
    {
        private readonly SegmentReader _reader;

        // Its result is whether the read ended because of CancelPendingRead: the bytes are in the chain.
        private ManualResetValueTaskSourceCore<bool> _source;

        public TaskRead(SegmentReader reader)
        {
            _reader = reader;
            _source.RunContinuationsAsynchronously = reader._continuesAsynchronously;
        }

        /// <summary>Begins anew.</summary>
        /// <returns>The version of the task.</returns>
        public short Begin()
        {
            _source.Reset();
            return _source.Version;
        }

        public void End(bool isCanceled) => _source.SetResult(isCanceled);

        public void Fail(Exception error) => _source.SetException(error);

        public ReadResult GetResult(short token)
        {
            _reader.EndWatch();
            var isCanceled = _source.GetResult(token);

            // It knows who waited, and the next wait may be another's: whoever has read before is not kept.
            _source.Reset();
            return new ReadResult(_reader.Chain.Bytes, isCanceled, _reader.IsCompleted);
        }

        public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
            => _source.OnCompleted(continuation, state, token, flags);
    }
}
