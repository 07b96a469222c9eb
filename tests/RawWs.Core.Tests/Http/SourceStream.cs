namespace RawWs.Tests.Http;

/// <summary>A stream of bytes that follow from their place in it, up to an end of which a test says when and how it comes.</summary>
/// <param name="length">How many bytes there are.</param>
/// <param name="failure">What is thrown behind them; null for an orderly end.</param>
/// <param name="end">Completes when the end may be read; null for at once.</param>
internal sealed class SourceStream(long length, Exception? failure = null, Task? end = null) : Stream
{
    private long _position;

    public bool IsDisposed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => Volatile.Read(ref _position); set => throw new NotSupportedException(); }

    /// <summary>What such a stream yields.</summary>
    public static byte[] BytesOf(int length) => [.. Enumerable.Range(0, length).Select(place => (byte)(place % 251))];

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(buffer.Length, length - _position);
        if (count == 0 && failure is not null)
            throw failure;

        if (count == 0 && end is not null)
            await end.WaitAsync(cancellationToken);

        for (var index = 0; index < count; index++)
            buffer.Span[index] = (byte)((_position + index) % 251);

        Volatile.Write(ref _position, _position + count);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
