using System.IO.Pipelines;
using System.Text;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Benchmarks.Baselines;

/// <summary>A client that opens a WebSocket and is silent from then on, behind a network that takes whatever it is given, at once.</summary>
internal sealed class DiscardingConnection : TransportConnection
{
    private readonly Pipe _input = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    private DiscardingConnection()
    {
    }

    /// <inheritdoc/>
    public override PipeReader Input => _input.Reader;

    /// <inheritdoc/>
    public override PipeWriter Output { get; } = new Writer();

    /// <summary>A connection whose opening handshake has been sent.</summary>
    public static async Task<DiscardingConnection> OpenAsync()
    {
        var connection = new DiscardingConnection();
        await connection._input.Writer.WriteAsync(Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n"));
        return connection;
    }

    /// <inheritdoc/>
    public override void Abort() => _input.Writer.Complete();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _input.Reader.Complete();
        return default;
    }

    private sealed class Writer : PipeWriter
    {
        private byte[] _buffer = new byte[4096];

        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => 0;

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_buffer.Length < sizeHint)
                _buffer = new byte[sizeHint];

            return _buffer;
        }

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
