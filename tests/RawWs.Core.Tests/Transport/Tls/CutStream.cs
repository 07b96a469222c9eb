namespace RawWs.Tests.Transport.Tls;

/// <summary>Passes on so many bytes that are written, and then fails: beneath TLS, a client that goes at any byte.</summary>
internal sealed class CutStream(Stream inner, long limit) : Stream
{
    /// <summary>How many bytes were written so far.</summary>
    public long WrittenCount { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = buffer[..(int)Math.Min(buffer.Length, limit - WrittenCount)];
        await inner.WriteAsync(piece, cancellationToken);
        WrittenCount += piece.Length;
        if (piece.Length < buffer.Length)
            throw new IOException("This is where the client goes.");
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();

        base.Dispose(disposing);
    }
}
