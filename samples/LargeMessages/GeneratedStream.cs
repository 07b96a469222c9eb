using System.Buffers.Binary;

namespace RawWs.Samples;

/// <summary>Content of any length that takes no memory: each eight bytes are a function of their position. It stands for a file.</summary>
internal sealed class GeneratedStream(long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - _position);
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (var written = 0; written < count;)
        {
            var offset = (int)(_position % sizeof(ulong));
            BinaryPrimitives.WriteUInt64LittleEndian(word, (ulong)(_position / sizeof(ulong)) * 0x9E37_79B9_7F4A_7C15);
            var piece = word[offset..Math.Min(word.Length, offset + count - written)];
            piece.CopyTo(buffer[written..]);
            (written, _position) = (written + piece.Length, _position + piece.Length);
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
