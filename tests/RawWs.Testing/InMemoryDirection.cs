using System.IO.Pipelines;
using RawWs.Transport;

namespace RawWs.Testing;

/// <summary>One direction of an in-memory connection: a pipe that can be cut, as a network can.</summary>
internal sealed class InMemoryDirection
{
    private readonly Pipe _pipe;
    private volatile bool _isCut;
    private bool _isReaderWaiting;

    /// <param name="readerScheduler">Where the reading side continues.</param>
    /// <param name="capacity">How many bytes the network takes from a writer whose reader does not read.</param>
    public InMemoryDirection(PipeScheduler readerScheduler, int capacity)
    {
        _pipe = new Pipe(new PipeOptions(
            readerScheduler: readerScheduler,
            writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: capacity,
            resumeWriterThreshold: Math.Max(1, capacity / 2),
            useSynchronizationContext: false));
        (Reader, Writer) = (new CutReader(this), new CutWriter(this));
    }

    /// <summary>Whether somebody waits for bytes that have not been written: whoever reads here has come to rest.</summary>
    public bool IsReaderWaiting => Volatile.Read(ref _isReaderWaiting);

    public PipeReader Reader { get; }

    public PipeWriter Writer { get; }

    /// <summary>From now on reads and flushes fail, those that are under way included.</summary>
    public void Cut()
    {
        _isCut = true;
        _pipe.Reader.CancelPendingRead();
        _pipe.Writer.CancelPendingFlush();
    }

    private void ThrowIfCut()
    {
        if (_isCut)
            throw new TransportClosedException("The connection was cut.");
    }

    private sealed class CutReader(InMemoryDirection direction) : PipeReader
    {
        private readonly PipeReader _inner = direction._pipe.Reader;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            direction.ThrowIfCut();
            if (!_inner.TryRead(out var result))
            {
                var read = _inner.ReadAsync(cancellationToken);
                Volatile.Write(ref direction._isReaderWaiting, true);
                result = await read.ConfigureAwait(false);
                Volatile.Write(ref direction._isReaderWaiting, false);
            }

            if (direction._isCut)
                _inner.AdvanceTo(result.Buffer.Start);

            direction.ThrowIfCut();
            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            direction.ThrowIfCut();
            return _inner.TryRead(out result);
        }

        public override void AdvanceTo(SequencePosition consumed) => _inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => _inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => _inner.Complete(exception);
    }

    private sealed class CutWriter(InMemoryDirection direction) : PipeWriter
    {
        private readonly PipeWriter _inner = direction._pipe.Writer;

        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => _inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);

        public override void Advance(int bytes) => _inner.Advance(bytes);

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            direction.ThrowIfCut();
            var result = await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
            direction.ThrowIfCut();
            return result;
        }

        public override void CancelPendingFlush() => _inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => _inner.Complete(exception);
    }
}
