using System.Buffers;
using System.IO.Pipelines;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>A read ends on another thread, and the next one begins there, before the thread that began it has gone on.</summary>
public sealed class OvertakenWaitTests
{
    [Fact]
    public async Task A_token_is_watched_for_its_own_read_and_by_nobody_else()
    {
        var reader = new OvertakenReader();
        var waiter = new Waiter(reader);
        using var cancellation = new CancellationTokenSource();
        Task<ReadResult>? next = null;
        reader.IsOvertaken = () =>
        {
            reader.Arrive(1);
            Consume(reader, waiter.Results.Dequeue());
            next = reader.ReadAsync(cancellation.Token).AsTask();
        };

        Assert.False(reader.TryRead(waiter, out _));
        Assert.False(next!.IsCompleted); // It has been overtaken.
        reader.Arrive(2);
        Consume(reader, await next);

        // The token is of the past.
        Assert.False(reader.TryRead(waiter, out _));
        await cancellation.CancelAsync();
        Assert.Empty(waiter.Results);
        reader.Arrive(3);
        Assert.Equal([3], waiter.Results.Dequeue().Buffer.ToArray());
    }

    private static void Consume(PipeReader reader, ReadResult result) => reader.AdvanceTo(result.Buffer.End);

    private sealed class Waiter(IReadSource source) : IReadWaiter
    {
        public Queue<ReadResult> Results { get; } = [];

        public void OnReadEnded() => Results.Enqueue(source.EndRead());
    }

    private sealed class OvertakenReader() : SegmentReader(SegmentChain.MinSegmentSize, continuesAsynchronously: false)
    {
        private readonly Queue<byte> _arrived = [];
        private bool _isWaiting;

        /// <summary>Is called once, when a read has begun to wait and its thread has not gone on.</summary>
        public Action? IsOvertaken { private get; set; }

        public void Arrive(byte octet)
        {
            _arrived.Enqueue(octet);
            if (TryTakePending())
            {
                TryReceive();
                Deliver();
            }
        }

        protected override bool TryReceive()
        {
            if (!_arrived.TryDequeue(out var octet))
                return false;

            Room().Span[0] = octet;
            Fill(1);
            return true;
        }

        protected override bool TryWait(CancellationToken cancellationToken)
        {
            _isWaiting = true;
            var overtake = IsOvertaken;
            IsOvertaken = null;
            overtake?.Invoke();
            Watch(cancellationToken);
            return true;
        }

        protected override bool TryTakePending()
        {
            var wasWaiting = _isWaiting;
            _isWaiting = false;
            return wasWaiting;
        }

        protected override void DeliverLater() => throw new NotSupportedException();
    }
}
