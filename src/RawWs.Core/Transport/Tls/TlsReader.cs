using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace RawWs.Transport;

/// <summary>
/// Reads what TLS records carry. Waits for whole records where they arrive, in the connection's own input, and opens them on the thread that found them; while it
/// waits, it holds nothing.
/// </summary>
internal sealed class TlsReader(PipeReader input, TlsSession session) : PipeReader, IReadSource, IReadWaiter
{
    /// <summary>How much is opened at once, at least, if it is there: what lies sealed behind it waits until this is consumed.</summary>
    private const int EnoughPlaintext = 64 * 1024;

    /// <summary>How many records without data a peer may send, plus one for every so many with data: they cost more than they weigh.</summary>
    private const int MaxEmptyRecordCount = 32, RecordsPerEmptyRecord = 64;

    private readonly IReadSource _source = input as IReadSource ?? new PipeReadSource(input);

    private SegmentChain _chain = new();
    private IOException? _failure;

    // Who waits for the pending read, if it is nobody's task, and how it has ended.
    private IReadWaiter? _waiter;
    private Exception? _error;
    private bool _wasCanceled;

    private int _isCanceled;
    private bool _hasUnexamined;
    private bool _isCompleted;

    // In units of which one record with data gives one, and one without takes as many as that says.
    private int _patience = MaxEmptyRecordCount * RecordsPerEmptyRecord;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);

        return TryTakeAtHand(out var result) ? new ValueTask<ReadResult>(result) : ReceiveAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        while (!TryTakeAtHand(out result))
        {
            if (!input.TryRead(out var received))
                return false;

            if (TryOpen(received, out result))
                return true;
        }

        return true;
    }

    /// <inheritdoc/>
    /// <remarks>Without a token, which the input would have to watch.</remarks>
    public bool TryRead(IReadWaiter waiter, out ReadResult result)
    {
        if (TryTakeAtHand(out result))
            return true;

        _waiter = waiter;
        if (!TryReceive(out result))
            return false;

        _waiter = null;
        return true;
    }

    /// <inheritdoc/>
    public ReadResult EndRead()
    {
        if (_error is { } error)
        {
            _error = null;
            ExceptionDispatchInfo.Throw(error);
        }

        return new ReadResult(_chain.Bytes, _wasCanceled, _isCompleted);
    }

    /// <summary>The input's read has ended; what it has brought may not be a whole record yet.</summary>
    void IReadWaiter.OnReadEnded()
    {
        try
        {
            if (!TryOpen(_source.EndRead(), out var result) && !TryReceive(out result))
                return;

            _wasCanceled = result.IsCanceled;
        }
        catch (Exception error)
        {
            // It is the waiter's, who asks.
            _error = error;
        }

        var waiter = _waiter!; // There is one while a read is pending.
        _waiter = null;
        waiter.OnReadEnded();
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
        input.CancelPendingRead();
    }

    /// <summary>Does nothing: the connection outlives its reader, so that a close frame still arrives.</summary>
    public override void Complete(Exception? exception = null)
    {
    }

    /// <summary>Gives back all memory. Nobody reads any more.</summary>
    public void Dispose() => _chain.Return();

    private bool TryTakeAtHand(out ReadResult result)
    {
        var isCanceled = Interlocked.Exchange(ref _isCanceled, 0) == 1;
        if (!isCanceled && !_hasUnexamined && _failure is not null)
            throw _failure;

        result = new ReadResult(_chain.Bytes, isCanceled, _isCompleted);
        return isCanceled || _hasUnexamined || _isCompleted;
    }

    /// <returns>Whether there is news; otherwise this waits for the input, and maybe does no longer, on another thread.</returns>
    private bool TryReceive(out ReadResult result)
    {
        // It is the input that is fair to others: it counts what does not have to wait.
        while (_source.TryRead(this, out var received))
        {
            if (TryOpen(received, out result))
                return true;
        }

        result = default;
        return false;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var received = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (TryOpen(received, out var result))
                return result;
        }
    }

    /// <summary>Opens the whole records that have been received.</summary>
    /// <returns>Whether there is news: data, the end, or a cancellation.</returns>
    /// <exception cref="IOException">The session or the connection is broken, and no data came before.</exception>
    private bool TryOpen(in ReadResult received, out ReadResult result)
    {
        var (unread, opened) = (received.Buffer, 0);
        var isExhausted = false;
        try
        {
            while (!_isCompleted && opened < EnoughPlaintext && !isExhausted)
            {
                if (TlsRecord.TryTake(ref unread, out var record))
                    opened += Open(record);
                else
                    isExhausted = true;
            }
        }
        catch (IOException error)
        {
            _failure = error;
        }

        // RFC 8446 §6.1: what ends without saying so may have been cut off by somebody else.
        if (isExhausted && received.IsCompleted && opened == 0)
            _failure = new TransportClosedException("The peer ended the connection without ending TLS.");

        input.AdvanceTo(unread.Start, isExhausted ? received.Buffer.End : unread.Start);
        if (opened == 0 && _failure is not null)
            throw _failure;

        // A cancellation that has been answered already may still wait there.
        var isCanceled = received.IsCanceled && Interlocked.Exchange(ref _isCanceled, 0) == 1;
        result = new ReadResult(_chain.Bytes, isCanceled, _isCompleted);
        return opened > 0 || isCanceled || _isCompleted;
    }

    private int Open(in ReadOnlySequence<byte> record)
    {
        var length = session.Open(record, _chain.GetMemory((int)record.Length), out _isCompleted);
        if (length > 0)
        {
            _chain.FillFromFlow(length);
            _patience = Math.Min(_patience + 1, MaxEmptyRecordCount * RecordsPerEmptyRecord);
            return length;
        }

        _chain.ReturnIfEmpty();
        _patience -= RecordsPerEmptyRecord;
        return _patience > 0 || _isCompleted ? 0 : throw new TransportClosedException("The peer sent too many TLS records without data.");
    }
}
