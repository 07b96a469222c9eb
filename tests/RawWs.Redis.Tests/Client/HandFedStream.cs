using System.Text;
using System.Threading.Channels;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>A way to Redis on which a test says what comes, and when. What is written goes nowhere.</summary>
internal sealed class HandFedStream : Stream
{
    private readonly Channel<byte[]> _fed = Channel.CreateUnbounded<byte[]>();
    private int _readCount;
    private int _fedCount;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Lets something come, and waits until all of it has been dealt with: when more is asked for.</summary>
    public async Task FeedAsync(string text)
    {
        _fedCount++;
        _fed.Writer.TryWrite(Encoding.Latin1.GetBytes(text));
        await Eventually.HoldsAsync(() => Volatile.Read(ref _readCount) > _fedCount);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _readCount);
        var bytes = await _fed.Reader.ReadAsync(cancellationToken);
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

    public override void Flush()
    {
        // Nothing is kept.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
