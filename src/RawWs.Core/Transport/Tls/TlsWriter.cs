using System.Buffers;
using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>
/// Writes TLS records into the connection's output: a flush seals all that was written, in as few records as possible, and flushes that. So what a turn sends leaves
/// in one record, as far as that holds it, and in one call.
/// </summary>
internal sealed class TlsWriter(PipeWriter output, TlsSession session) : PipeWriter, ISequenceWriter
{
    /// <summary>How much is sealed before it is flushed, at most: more need not lie around twice.</summary>
    private const int MaxSealedLength = 64 * 1024;

    private SegmentChain _chain = new();
    private readonly ISequenceWriter? _sequences = output as ISequenceWriter;
    private ReadOnlySequence<byte> _borrowed;
    private IOException? _failure;
    private long _flushCount;
    private bool _isCompleted;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _chain.Length;

    /// <summary>Grows with what the system takes: by how much it is asked nowhere, but whether.</summary>
    public long SentLength => _sequences?.SentLength ?? Volatile.Read(ref _flushCount);

    private bool IsEmpty => _chain.IsEmpty && _borrowed.IsEmpty;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _chain.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _chain.GetSpan(sizeHint);

    /// <inheritdoc/>
    public override void Advance(int bytes) => _chain.Fill(bytes);

    /// <summary>
    /// Seals and sends everything written. A flush that has begun can't be taken back, for it may have sent half a record: cancellation is looked at
    /// only before it begins.
    /// </summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<FlushResult>(cancellationToken) : Flush();

    /// <inheritdoc/>
    public ValueTask<FlushResult> FlushWithAsync(in ReadOnlySequence<byte> borrowed)
    {
        _borrowed = borrowed;
        return Flush();
    }

    /// <summary>Not supported: half a record can't be taken back. Abort the connection instead.</summary>
    public override void CancelPendingFlush() => throw new NotSupportedException("A flush that has begun can't be cancelled; abort the connection instead.");

    /// <summary>Ends our side at once, with what was flushed before it and without a word. See <see cref="CompleteAsync"/>.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
            return;

        _isCompleted = true;
        output.Complete(exception);
    }

    /// <summary>Says that nothing comes after what was written (close_notify), and ends our side.</summary>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (_isCompleted)
            return;

        if (_failure is null && !IsEmpty)
            await Flush().ConfigureAwait(false);

        _isCompleted = true;
        try
        {
            if (_failure is null)
                session.End();
        }
        catch (IOException)
        {
            // What is broken has nothing to say any more; our side ends all the same.
        }

        await output.CompleteAsync(exception).ConfigureAwait(false);
    }

    /// <summary>Gives back all memory. Nobody writes any more.</summary>
    public void Dispose()
    {
        _chain.Return();
        _borrowed = default;
    }

    private ValueTask<FlushResult> Flush()
    {
        if (_failure is not null)
            return ValueTask.FromException<FlushResult>(_failure);

        try
        {
            SealSome();
        }
        catch (IOException error)
        {
            return ValueTask.FromException<FlushResult>(Fail(error));
        }

        var flush = output.FlushAsync(CancellationToken.None);
        return IsEmpty ? flush : FlushRestAsync(flush);
    }

    private async ValueTask<FlushResult> FlushRestAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            while (true)
            {
                var result = await flush.ConfigureAwait(false);
                Interlocked.Increment(ref _flushCount);
                if (result.IsCompleted || IsEmpty)
                    return result;

                SealSome();
                flush = output.FlushAsync(CancellationToken.None);
            }
        }
        catch (IOException error)
        {
            Fail(error);
            throw;
        }
    }

    private IOException Fail(IOException failure)
    {
        _failure = failure;
        _chain.Return();
        _borrowed = default;
        return failure;
    }

    private void SealSome()
    {
        for (var sealedLength = 0; sealedLength < MaxSealedLength && !IsEmpty; sealedLength += TlsRecord.MaxPlaintextLength)
            SealRecord();
    }

    private void SealRecord()
    {
        var piece = _chain.IsEmpty ? _borrowed.First : _chain.First;
        var length = (int)Math.Min(_chain.Length + _borrowed.Length, TlsRecord.MaxPlaintextLength);
        if (piece.Length >= length)
            session.Seal(piece[..length]);
        else
            SealGathered(length);

        Consume(length);
    }

    // A small message is no record of its own: each costs 22 bytes and more, and a pass through the cipher.
    private void SealGathered(int length)
    {
        var gathered = ArrayPool<byte>.Shared.Rent(length);
        var fromChain = (int)Math.Min(_chain.Length, length);
        _chain.Bytes.Slice(0, fromChain).CopyTo(gathered);
        _borrowed.Slice(0, length - fromChain).CopyTo(gathered.AsSpan(fromChain));
        try
        {
            session.Seal(gathered.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gathered);
        }
    }

    private void Consume(int length)
    {
        var fromChain = (int)Math.Min(_chain.Length, length);
        _chain.ConsumeAcross(fromChain);
        _borrowed = _borrowed.Slice(length - fromChain);

        // Nothing is kept of what is not ours.
        if (_borrowed.IsEmpty)
            _borrowed = default;
    }
}
