using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;

namespace RawWs.Transport;

/// <summary>
/// Writes a socket: a flush sends at once, on the caller's thread, and mostly the system takes everything. While it takes no more, the flush waits, and the loop
/// goes on with it when there is room.
/// </summary>
internal sealed class EventLoopWriter(Descriptor socket, EventLoop loop, bool isInline) : PipeWriter, ITurnWriter, IDisposable
{
    // Who may send what is left, decided by one compare-and-swap: while a flush waits, the loop or whoever aborts; otherwise the one who writes.
    private const int Idle = 0, Waiting = 1;

    private SegmentChain _chain = new();
    private PendingFlush? _flush;
    private TransportClosedException? _failure;
    private int _state = Idle;
    private int _hasRoom;
    private long _sentLength;
    private int _socketNumber = socket.OpenNumber;
    private int _borrowedOffset;
    private int _borrowedCount;
    private byte _borrowedFrom;
    private volatile bool _isAborted;
    private bool _isLast;
    private bool _isCompleted;

    /// <summary>Why nothing can be sent any more, null if it can.</summary>
    public TransportClosedException? Failure => Volatile.Read(ref _failure);

    /// <summary>Where it sends.</summary>
    public Descriptor Socket => socket;

    /// <summary>The loop that it belongs to.</summary>
    public EventLoop Loop => loop;

    /// <summary>
    /// The number of its socket, for the loop, which closes it; none when it has, and after an abort, even while somebody else still holds it open: it may be closed, and the number given away, at any time.
    /// </summary>
    public int SocketOrNone => _isAborted ? Descriptor.None : _socketNumber;

    /// <summary>Whether the loop lends memory to the reader of this connection at the moment, from which it may be sent.</summary>
    public bool MayBorrow { get; set; }

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _chain.Bytes.Length + _borrowedCount;

    /// <inheritdoc/>
    public long SentLength => Volatile.Read(ref _sentLength);

    private bool HasNews => Volatile.Read(ref _hasRoom) == 1 || _isAborted;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        KeepBorrowed();
        return _chain.GetMemory(sizeHint);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        KeepBorrowed();
        return _chain.GetSpan(sizeHint);
    }

    /// <inheritdoc/>
    public override void Advance(int bytes) => _chain.Fill(bytes);

    /// <summary>
    /// Sends everything written. A flush that has begun can't be taken back, for it may have sent half a frame: cancellation is looked at
    /// only before it begins.
    /// </summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<FlushResult>(cancellationToken) : Flush();

    /// <inheritdoc/>
    public ValueTask<FlushResult> FlushWithAsync(in ReadOnlySequence<byte> borrowed)
    {
        var left = borrowed;
        return Flush(ref left);
    }

    /// <inheritdoc/>
    public bool TryBorrow(byte[] array, int offset, int count)
    {
        if (!MayBorrow || _borrowedCount > 0 || _chain.FirstSegment is not null || !loop.IsLent(array))
            return false;

        (_borrowedFrom, _borrowedOffset, _borrowedCount) = ((byte)loop.LentIndex, offset, count);
        return true;
    }

    /// <inheritdoc/>
    public void KeepBorrowed()
    {
        if (_borrowedCount == 0)
            return;

        var borrowed = Borrowed;
        _borrowedCount = 0;
        borrowed.AsSpan().CopyTo(_chain.GetMemory(borrowed.Count).Span);
        _chain.Fill(borrowed.Count);
    }

    /// <inheritdoc/>
    public bool TryFlushInARow(in ReadOnlySequence<byte> borrowed, ITurnWriter.IFlusher flusher)
    {
        ArraySegment<byte> bytes;
        if (_failure is not null || _isAborted)
            return false;

        if (_borrowedCount > 0)
        {
            loop.SendLater(this, Borrowed, flusher);
            return true;
        }

        if (_chain.IsEmpty)
        {
            if (borrowed.IsEmpty || !borrowed.IsSingleSegment || !MemoryMarshal.TryGetArray(borrowed.First, out bytes))
                return false;
        }
        else if (_chain.IsInOnePiece && borrowed.IsEmpty)
        {
            bytes = _chain.FirstSegment!.UnconsumedPart; // It is not empty.
        }
        else
        {
            return false;
        }

        _chain.Expect(_chain.Length); // What left together now will probably do so the next time.
        loop.SendLater(this, bytes, flusher);
        return true;
    }

    /// <summary>The call for <see cref="TryFlushInARow"/> has been made.</summary>
    /// <param name="call">The call.</param>
    /// <returns>Whether that was all; otherwise <see cref="FlushRest"/> is to be called.</returns>
    public bool TryEndSend(in SocketCall call)
    {
        if (call.Result != call.Count)
            return false;

        Volatile.Write(ref _sentLength, _sentLength + call.Result);
        if (_borrowedCount > 0)
            _borrowedCount = 0;
        else if (!_chain.IsEmpty)
            _chain.Consume(call.Result); // It is in one piece.

        return true;
    }

    /// <summary>Goes on after <see cref="TryEndSend"/>.</summary>
    /// <inheritdoc cref="TryEndSend" path="/param"/>
    /// <returns>The flush, which may have ended now.</returns>
    public ValueTask<FlushResult> FlushRest(in SocketCall call)
    {
        KeepBorrowed();

        // Empty if these are not ours.
        var left = _chain.IsEmpty ? new ReadOnlySequence<byte>(call.Array!, call.Offset, call.Count) : default; // It has sent something.
        if (call.Result > 0)
            Consume(call.Result, ref left);
        else if (call.Result is not (-DescriptorFailure.WouldBlock or -DescriptorFailure.Interrupted))
            Fail(DescriptorFailure.From(-call.Result));

        return Flush(ref left);
    }

    /// <summary>Not supported: half a frame can't be taken back. Abort the connection instead.</summary>
    public override void CancelPendingFlush() => throw new NotSupportedException("A flush that has begun can't be cancelled; abort the connection instead.");

    /// <summary>Ends our side, with what was flushed before it.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
            return;

        _isCompleted = true;

        // After an abort the socket is still open until its loop comes to it, and the peer must not see an orderly end before the reset.
        if (_isAborted)
            return;

        try
        {
            InteropEventLoop.EndSending(socket);
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended already; the reader reports how.
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (!_isCompleted && Failure is null && !_isAborted && !_chain.IsEmpty)
        {
            _isLast = true;
            await Flush().ConfigureAwait(false);
        }

        Complete(exception);
    }

    /// <summary>The system has room, or the connection has failed. Called on the loop's thread.</summary>
    public void OnWritable()
    {
        // Before the look at whether anybody waits: who is about to looks at it after that. Mostly it is known: the system tells of room with all other news.
        if (Volatile.Read(ref _hasRoom) == 0)
            Interlocked.Exchange(ref _hasRoom, 1);

        if (Volatile.Read(ref _state) != Waiting || Interlocked.CompareExchange(ref _state, Idle, Waiting) != Waiting)
            return;

        var flush = _flush!; // The one that waits.
        if (TrySendAll(ref flush.Borrowed) || TrySendWhatFits(ref flush.Borrowed))
            flush.End(_failure);
    }

    /// <summary>The connection has been aborted. Calls nobody.</summary>
    public void OnAborted()
    {
        _isAborted = true;
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) != Waiting)
            return;

        Fail(DescriptorFailure.Aborted());
        _flush!.Borrowed = default; // It waits.
        ThreadPool.UnsafeQueueUserWorkItem(static writer => writer._flush!.End(writer._failure), this, preferLocal: false);
    }

    /// <summary>Closes the socket. Called on the loop, which uses it without holding it open.</summary>
    public void CloseSocket()
    {
        _socketNumber = Descriptor.None;
        socket.Dispose();
    }

    /// <summary>Gives back all memory. The socket is closed and nobody writes any more.</summary>
    public void Dispose() => _chain.Return();

    private ArraySegment<byte> Borrowed => loop.LentAt(_borrowedFrom).Part(_borrowedOffset, _borrowedCount);

    private ValueTask<FlushResult> Flush()
    {
        var nothing = ReadOnlySequence<byte>.Empty;
        return Flush(ref nothing);
    }

    private ValueTask<FlushResult> Flush(ref ReadOnlySequence<byte> borrowed)
    {
        // What left together now will probably do so the next time.
        KeepBorrowed();
        _chain.Expect(_chain.Length);
        if (TrySendAll(ref borrowed))
            return Result();

        // Made before anybody can end it.
        var flush = _flush ??= new PendingFlush(isInline);
        flush.Reset();
        flush.Borrowed = borrowed;
        return TrySendWhatFits(ref flush.Borrowed) ? Result() : new ValueTask<FlushResult>(flush, flush.Version);
    }

    private ValueTask<FlushResult> Result() => _failure is null ? default : ValueTask.FromException<FlushResult>(_failure);

    /// <summary>The system has no room. It tells when it has some again, once; what it told before does not count.</summary>
    /// <returns>Whether the flush is over, well or not; otherwise it waits.</returns>
    private bool TrySendWhatFits(ref ReadOnlySequence<byte> borrowed)
    {
        do
        {
            Interlocked.Exchange(ref _hasRoom, 0);
            if (TrySendAll(ref borrowed))
                return true;

            Interlocked.Exchange(ref _state, Waiting);
        }
        while (HasNews && Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting);

        return false;
    }

    /// <summary>Sends until nothing is left, the system takes no more, or the connection fails.</summary>
    /// <param name="borrowed">What is sent behind everything written, from where it lies.</param>
    /// <returns>Whether the flush is over, well or not. Then nothing is kept of what is not ours.</returns>
    private bool TrySendAll(ref ReadOnlySequence<byte> borrowed)
    {
        if (_isAborted)
            Fail(DescriptorFailure.Aborted());

        try
        {
            while (_failure is null && !(_chain.IsEmpty && borrowed.IsEmpty))
            {
                int error;
                var sent = loop.IsInTurn
                    ? InteropEventLoop.SendAsCloser(socket, _chain.FirstSegment, borrowed, _isLast, out error)
                    : InteropEventLoop.Send(socket, _chain.FirstSegment, borrowed, _isLast, out error);
                if (sent >= 0)
                    Consume(sent, ref borrowed);
                else if (error == DescriptorFailure.WouldBlock)
                    return false;
                else if (error != DescriptorFailure.Interrupted)
                    Fail(DescriptorFailure.From(error));
            }
        }
        catch (ObjectDisposedException)
        {
            Fail(DescriptorFailure.Aborted());
        }

        borrowed = default;
        return true;
    }

    private void Consume(long count, ref ReadOnlySequence<byte> borrowed)
    {
        Volatile.Write(ref _sentLength, _sentLength + count);
        var written = Math.Min(count, _chain.Length);
        _chain.ConsumeAcross(written);
        if (count > written)
            borrowed = borrowed.Slice(count - written);
    }

    private void Fail(TransportClosedException failure)
    {
        if (_failure is null)
            Volatile.Write(ref _failure, failure);

        _chain.Return();
    }
}
