using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Connections;

/// <summary>
/// A connection whose network takes what the test lets it take, when the test says so, and whose writes can be counted. What follows from a step happens
/// inside it, on the test's own thread: nothing is left to timing.
/// </summary>
internal sealed class GatedConnection : TransportConnection
{
    private readonly Pipe _input = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly GatedWriter _output;
    private readonly PipeScheduler _scheduler;
    private bool _isAborted;

    private GatedConnection(PipeScheduler scheduler, bool canBorrow, bool leavesInARow)
    {
        _scheduler = scheduler;
        _output = leavesInARow ? new RowWriter((ManualTurns)scheduler) : canBorrow ? new BorrowingWriter() : new GatedWriter();
    }

    public override PipeReader Input => _input.Reader;

    public override PipeWriter Output => _output;

    public override PipeScheduler Scheduler => _scheduler;

    public bool IsAborted => Volatile.Read(ref _isAborted);

    /// <summary>What has been given to the network, one element for each flush; after the handshake only.</summary>
    public IReadOnlyList<byte[]> Writes => _output.SnapshotWrites();

    /// <summary>In how many pieces of memory the last of them lay: a socket takes each in a call of its own.</summary>
    public int PieceCount => _output.PieceCount;

    /// <summary>What the writes were sent from, where it was lent for that; one element for each.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Borrowed => _output.SnapshotBorrowed();

    /// <summary>The frames among the writes.</summary>
    public IReadOnlyList<WireFrame> Frames => Parse([.. Writes.SelectMany(write => write)]);

    /// <summary>The payloads of the frames, as text.</summary>
    public IEnumerable<string> Texts => Frames.Select(frame => frame.Text);

    /// <summary>Whether flushes fail by throwing before they return a task.</summary>
    public bool ThrowsAtOnce { set => _output.ThrowsAtOnce = value; }

    /// <summary>Whether what is received lies in memory that is lent until the turn ends.</summary>
    public bool Lends { set => ((RowWriter)_output).Lends = value; }

    /// <summary>Is called at the beginning of each flush.</summary>
    public Action? Flushing { set => _output.Flushing = value; }

    /// <summary>Lets a client connect to <paramref name="server"/>, through its handshake and up to its session.</summary>
    /// <param name="server">The server.</param>
    /// <param name="headers">What its handshake says besides.</param>
    /// <param name="scheduler">Where the connection belongs; the thread pool if it is null.</param>
    /// <param name="canBorrow">Whether the network sends bytes from where they lie.</param>
    /// <param name="leavesInARow">Whether it also sends for many in a row, at the end of a turn. Then <paramref name="scheduler"/> is one whose turns the test takes.</param>
    public static async Task<(GatedConnection Network, WebSocketConnection Connection)> OpenAsync(
        GatedServer server, string headers = "", PipeScheduler? scheduler = null, bool canBorrow = false, bool leavesInARow = false)
    {
        var network = new GatedConnection(scheduler ?? PipeScheduler.ThreadPool, canBorrow, leavesInARow);
        _ = server.Server.ServeAsync(network);
        await network.SendAsync(Encoding.ASCII.GetBytes(WireClient.Handshake + headers + "\r\n"));
        var connection = await server.Connections.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        network._output.ForgetWrites();
        return (network, connection);
    }

    /// <summary>From now on the network takes nothing.</summary>
    public void Refuse() => _output.Refuse();

    /// <summary>The network takes what is being flushed, and nothing after it.</summary>
    public void TakeOnce() => _output.Take(andMore: false);

    /// <summary>The network takes what is being flushed, and everything after it.</summary>
    public void TakeAll() => _output.Take(andMore: true);

    /// <summary>The network takes a byte of what is being flushed, and has room for no more.</summary>
    public void TakeOneByte() => _output.TakenLength++;

    /// <summary>The network has broken; only who sends notices.</summary>
    public void Break() => _output.Break();

    /// <summary>What the peer sends.</summary>
    public async Task SendAsync(params byte[] bytes) => await _input.Writer.WriteAsync(bytes);

    /// <summary>The peer has gone.</summary>
    public async Task EndInputAsync() => await _input.Writer.CompleteAsync();

    public override void Abort()
    {
        Volatile.Write(ref _isAborted, true);
        _output.Break();
        _input.Writer.Complete(new TransportClosedException("Aborted."));
    }

    public override ValueTask DisposeAsync()
    {
        _output.Dispose();
        return default;
    }

    private static List<WireFrame> Parse(byte[] bytes)
    {
        var frames = new List<WireFrame>();
        for (var at = 0; at < bytes.Length;)
        {
            var first = bytes[at];
            var (length, header) = bytes[at + 1] switch
            {
                126 => ((bytes[at + 2] << 8) | bytes[at + 3], 4),
                127 => (checked((int)System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at + 2))), 10),
                var small => (small, 2),
            };

            // A large frame may be on its way.
            if (at + header + length > bytes.Length)
                break;

            frames.Add(new WireFrame(first, bytes[(at + header)..(at + header + length)]));
            at += header + length;
        }

        return frames;
    }

    private sealed class RowWriter(ManualTurns turns) : BorrowingWriter, ITurnWriter
    {
        private bool _isLeaving;
        private ArraySegment<byte> _lent = [];

        public bool Lends { get; set; }

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            Assert.False(_isLeaving); // Nothing is written while what was written leaves.
            if (turns.IsInTurn)
                KeepBorrowed();

            Assert.Equal(0, _lent.Count); // It may be somebody else's by now.
            return base.GetMemory(sizeHint);
        }

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public bool TryBorrow(byte[] array, int offset, int count)
        {
            Assert.True(turns.IsInTurn);
            if (!Lends || _lent.Count > 0)
                return false;

            _lent = new ArraySegment<byte>(array, offset, count); // The header is written after this.
            return true;
        }

        public void KeepBorrowed()
        {
            var lent = _lent;
            _lent = [];
            if (lent.Count == 0)
                return;

            lent.AsMemory().CopyTo(base.GetMemory(lent.Count));
            Advance(lent.Count);
        }

        public bool TryFlushInARow(in ReadOnlySequence<byte> borrowed, ITurnWriter.IFlusher flusher)
        {
            Assert.False(_isLeaving);
            KeepBorrowed();
            if (!LeavesInOnePiece(borrowed))
                return false;

            var lent = borrowed;
            _isLeaving = true;
            turns.SendInARow(() =>
            {
                _isLeaving = false;
                var flush = FlushWithAsync(lent);
                if (flush.IsCompletedSuccessfully && !flush.Result.IsCompleted)
                    flusher.OnFlushed();
                else
                    flusher.OnFlushed(flush);
            });
            return true;
        }
    }

    private class BorrowingWriter : GatedWriter, ISequenceWriter
    {
        public long SentLength => TakenLength;

        public ValueTask<FlushResult> FlushWithAsync(in ReadOnlySequence<byte> borrowed) => Flush(borrowed);
    }

    private class GatedWriter : PipeWriter, IDisposable
    {
        private readonly Lock _gate = new();
        private SegmentChain _chain = new();
        private readonly List<byte[]> _writes = [];
        private readonly List<ReadOnlyMemory<byte>> _borrowed = [];
        private ReadOnlySequence<byte> _pendingBorrowed;
        private TaskCompletionSource<FlushResult>? _pending;
        private bool _isRefusing;
        private bool _isBroken;

        public int PieceCount { get; private set; }

        public long TakenLength { get; set; }

        public bool ThrowsAtOnce { get; set; }

        public Action? Flushing { get; set; }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _chain.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _chain.GetMemory(sizeHint).Span;

        public override void Advance(int bytes) => _chain.Fill(bytes);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Flush(ReadOnlySequence<byte>.Empty);

        protected bool LeavesInOnePiece(in ReadOnlySequence<byte> borrowed)
        {
            lock (_gate)
            {
                return _chain.IsInOnePiece && (_chain.IsEmpty || borrowed.IsEmpty) && borrowed.IsSingleSegment;
            }
        }

        protected ValueTask<FlushResult> Flush(in ReadOnlySequence<byte> borrowed)
        {
            Flushing?.Invoke();
            lock (_gate)
            {
                if (_isBroken && ThrowsAtOnce)
                    throw new TransportClosedException("Broken.");

                if (_isBroken)
                    return ValueTask.FromException<FlushResult>(new TransportClosedException("Broken."));

                Assert.Null(_pending); // Nothing is written while a flush is under way.
                var bytes = _chain.Bytes;
                PieceCount = 0;
                foreach (var piece in bytes)
                    PieceCount += piece.IsEmpty ? 0 : 1;

                _writes.Add(BuffersExtensions.ToArray(bytes));
                _borrowed.Add(borrowed.First);
                _chain.Return();
                _pendingBorrowed = borrowed;
                if (!_isRefusing)
                {
                    TakeBorrowed_NeedsLock();
                    TakenLength += _writes[^1].Length;
                    return default;
                }

                _pending = new TaskCompletionSource<FlushResult>();
                return new ValueTask<FlushResult>(_pending.Task);
            }
        }

        public byte[][] SnapshotWrites()
        {
            lock (_gate)
            {
                return [.. _writes];
            }
        }

        public ReadOnlyMemory<byte>[] SnapshotBorrowed()
        {
            lock (_gate)
            {
                return [.. _borrowed];
            }
        }

        public void ForgetWrites()
        {
            lock (_gate)
            {
                _writes.Clear();
                _borrowed.Clear();
            }
        }

        public void Refuse()
        {
            lock (_gate)
            {
                _isRefusing = true;
            }
        }

        public void Take(bool andMore)
        {
            TaskCompletionSource<FlushResult>? pending;
            lock (_gate)
            {
                _isRefusing = !andMore;
                TakeBorrowed_NeedsLock();
                (pending, _pending) = (_pending, null);
                TakenLength += pending is null ? 0 : _writes[^1].Length;
            }

            pending?.SetResult(default);
        }

        public void Break()
        {
            TaskCompletionSource<FlushResult>? pending;
            lock (_gate)
            {
                _isBroken = true;
                (pending, _pending) = (_pending, null);
            }

            pending?.SetException(new TransportClosedException("Broken."));
        }

        public void Dispose() => _chain.Return();

        public override void CancelPendingFlush() => throw new NotSupportedException();

        // What is lent is looked at when it leaves: who has changed it meanwhile has changed what is sent.
        private void TakeBorrowed_NeedsLock()
        {
            if (_pendingBorrowed.IsEmpty)
                return;

            _writes[^1] = [.. _writes[^1], .. BuffersExtensions.ToArray(_pendingBorrowed)];
            _pendingBorrowed = default;
        }

        // After everything written before it, as every transport.
        public override async ValueTask CompleteAsync(Exception? exception = null)
        {
            if (!_chain.IsEmpty)
                await FlushAsync();
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
