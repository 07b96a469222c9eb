using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>
/// Writes a socket. On the loop's thread a flush only hands its bytes over, and all that has been handed over leaves at the end of the turn; on others it sends
/// at once, what was handed over before included. While the system takes no more, a flush waits until everything has been taken.
/// </summary>
/// <remarks>
/// What is written and not flushed belongs to the writer, what has been handed over to whoever holds the lock. So a peer that reads nothing never has more
/// handed over than what one turn wrote and one flush that waits.
/// </remarks>
internal sealed class EventLoopWriter(Descriptor socket, EventLoop loop, bool isInline) : PipeWriter, IDisposable
{
    /// <summary>
    /// Beyond this what has been handed over is sent in the midst of a turn: a call for so many bytes is cheap beside the bytes, which are still in the
    /// processor's cache.
    /// </summary>
    private const int MaxCorkedSize = 16 * 1024;

    private readonly SegmentChain _chain = new();
    private readonly SegmentChain _pending = new();
    private readonly Lock _gate = new();
    private PendingFlush? _flush;
    private TransportClosedException? _failure;
    private long _pendingLength;
    private bool _isCorked;
    private bool _isBlocked;
    private bool _isFlushWaiting;
    private bool _isCompleted;

    /// <summary>Why nothing can be sent any more, null if it can.</summary>
    public TransportClosedException? Failure => Volatile.Read(ref _failure);

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _chain.Bytes.Length;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _chain.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _chain.GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes) => _chain.Fill(bytes);

    /// <summary>
    /// Sends everything written, or hands it over. A flush that has begun can't be taken back, for it may have sent half a frame: cancellation is looked at
    /// only before it begins.
    /// </summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<FlushResult>(cancellationToken) : Flush(canWaitForTurn: true);

    /// <summary>Not supported: half a frame can't be taken back. Abort the connection instead.</summary>
    public override void CancelPendingFlush() => throw new NotSupportedException("A flush that has begun can't be cancelled; abort the connection instead.");

    /// <summary>Ends our side, with what was flushed before it if that has been sent.</summary>
    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_isCompleted)
                return;

            _isCompleted = true;
            if (_failure is null && !_isBlocked)
                TrySend_NeedsLock();

            EndSendingWhenAllIsSent_NeedsLock();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (!_isCompleted && Failure is null)
            await Flush(canWaitForTurn: false).ConfigureAwait(false);

        Complete(exception);
    }

    /// <summary>The turn is over, or the connection: sends what has been handed over.</summary>
    public void Uncork()
    {
        lock (_gate)
        {
            _isCorked = false;
            if (_failure is null && !_isBlocked)
                TrySend_NeedsLock();
        }
    }

    /// <summary>The system has room, or the connection has failed.</summary>
    public void OnWritable()
    {
        PendingFlush? ended;
        lock (_gate)
        {
            if (!_isBlocked)
                return;

            TrySend_NeedsLock();
            if (_isBlocked)
                return;

            EndSendingWhenAllIsSent_NeedsLock();
            ended = TakeFlush_NeedsLock();
        }

        ended?.End(_failure);
    }

    /// <summary>The connection has been aborted. Calls nobody.</summary>
    public void OnAborted()
    {
        PendingFlush? ended;
        lock (_gate)
        {
            Fail_NeedsLock(DescriptorFailure.Aborted());
            ended = TakeFlush_NeedsLock();
        }

        if (ended is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static pair => pair.ended.End(pair._failure), (ended, _failure), preferLocal: false);
    }

    /// <summary>Gives back all memory. The socket is closed and nobody writes any more.</summary>
    public void Dispose()
    {
        _chain.Return();
        lock (_gate)
        {
            Fail_NeedsLock(DescriptorFailure.Aborted());
        }
    }

    private ValueTask<FlushResult> Flush(bool canWaitForTurn)
    {
        lock (_gate)
        {
            if (_failure is null)
            {
                _pendingLength += _pending.TakeFrom(_chain);
                if (_pendingLength == 0 || (canWaitForTurn && TryCork_NeedsLock()))
                    return default;

                // A system that has no room tells when it has.
                if (!_isBlocked)
                    TrySend_NeedsLock();

                if (_isBlocked)
                {
                    _isFlushWaiting = true;
                    return (_flush ??= new PendingFlush(isInline)).Begin();
                }
            }
        }

        if (_failure is null)
            return default;

        _chain.Return();
        return ValueTask.FromException<FlushResult>(_failure);
    }

    /// <returns>Whether what has been handed over may wait for the end of the turn.</returns>
    private bool TryCork_NeedsLock()
    {
        if (_isBlocked || _pendingLength > MaxCorkedSize || !loop.IsCurrent)
            return false;

        if (!_isCorked)
            loop.Cork(this);

        return _isCorked = true;
    }

    /// <summary>Sends until nothing is left, the system takes no more, or the connection fails.</summary>
    private void TrySend_NeedsLock()
    {
        _isBlocked = false;
        try
        {
            while (_pendingLength > 0)
            {
                var sent = InteropEventLoop.Send(socket, _pending, out var error);
                if (sent >= 0)
                {
                    _pending.ConsumeAcross(sent);
                    _pendingLength -= sent;
                }
                else if (error == DescriptorFailure.WouldBlock)
                {
                    _isBlocked = true;
                    return;
                }
                else if (error != DescriptorFailure.Interrupted)
                {
                    Fail_NeedsLock(DescriptorFailure.From(error));
                }
            }
        }
        catch (ObjectDisposedException)
        {
            Fail_NeedsLock(DescriptorFailure.Aborted());
        }
    }

    private void EndSendingWhenAllIsSent_NeedsLock()
    {
        if (!_isCompleted || _isBlocked || _failure is not null)
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

    private void Fail_NeedsLock(TransportClosedException failure)
    {
        Volatile.Write(ref _failure, _failure ?? failure);
        _pending.Return();
        _pendingLength = 0;
        _isBlocked = false;
    }

    private PendingFlush? TakeFlush_NeedsLock()
    {
        var flush = _isFlushWaiting ? _flush : null;
        _isFlushWaiting = false;
        return flush;
    }
}
