using System.IO.Pipelines;
using System.Net;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>A connection that is read as WebSocket connections do it: whoever waits is called, and awaits no task. Reads with a token go the other way.</summary>
internal sealed class DirectReads(TransportConnection inner) : TransportConnection
{
    public override PipeReader Input { get; } = new Reader(inner.Input);

    public override PipeWriter Output => inner.Output;

    public override PipeScheduler Scheduler => inner.Scheduler;

    public override EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public override void Abort() => inner.Abort();

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Reader(PipeReader inner) : PipeReader, IReadWaiter
    {
        private readonly IReadSource _source = (IReadSource)inner;
        private TaskCompletionSource<ReadResult> _ended = new();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            if (cancellationToken.CanBeCanceled)
                return inner.ReadAsync(cancellationToken);

            // Before the read begins: it may end before this returns. Whoever awaits it goes on where it ends, as a session does.
            var ended = _ended = new TaskCompletionSource<ReadResult>();
            try
            {
                return _source.TryRead(this, out var result) ? new ValueTask<ReadResult>(result) : new ValueTask<ReadResult>(ended.Task);
            }
            catch (IOException error)
            {
                return ValueTask.FromException<ReadResult>(error);
            }
        }

        public void OnReadEnded()
        {
            try
            {
                _ended.SetResult(_source.EndRead());
            }
            catch (IOException error)
            {
                _ended.SetException(error);
            }
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
