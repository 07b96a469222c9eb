using System.Buffers;
using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>
/// What <see cref="System.Net.Security.SslStream"/> reads from and writes to: one whole record at a time, so that it never keeps a part of one, nor bytes that come
/// after what it was asked for.
/// </summary>
/// <remarks>
/// During the handshake it receives by itself, and each step is computed where the <see cref="TlsHandshakeQueue"/> says. Afterwards it has what it is given
/// (<see cref="Give"/>), and never waits: whoever asks for more gets a <see cref="TlsRecordNeededException"/>. What is written goes into the connection's output, and
/// leaves with its next flush.
/// </remarks>
internal sealed class TlsRecordStream(PipeReader input, PipeWriter output, TlsHandshakeQueue queue) : Stream
{
    private ReadOnlySequence<byte> _record;
    private SequencePosition _recordEnd;
    private bool _isHeld;
    private bool _isOpen;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The handshake is done: from now on records are given.</summary>
    public void Open()
    {
        _isOpen = true;

        // Nobody needs them any more, and they know the memory that they lay in.
        (_record, _recordEnd) = (default, default);
    }

    /// <summary>The handshake has failed: a record that was not read to its end is given back, so that whoever closes the connection may read on.</summary>
    public void GiveBack()
    {
        if (_isHeld)
            input.AdvanceTo(_recordEnd);

        _isHeld = false;
    }

    /// <summary>Gives it one record, to be read at once.</summary>
    public void Give(in ReadOnlySequence<byte> record) => _record = record;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_record.IsEmpty)
            return new ValueTask<int>(Copy(buffer));

        return _isOpen ? ValueTask.FromException<int>(new TlsRecordNeededException()) : ReceiveAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        output.Write(buffer.Span);
        return default;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override async Task FlushAsync(CancellationToken cancellationToken) => await output.FlushAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override void Flush()
    {
        // What is written leaves with the output's next flush, which nobody may block for.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing here may block a thread.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var unread = result.Buffer;
            if (TlsRecord.TryTake(ref unread, out _record))
            {
                (_recordEnd, _isHeld) = (unread.Start, true);
                break;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                throw new TransportClosedException("The peer ended the connection during its TLS handshake.");
        }

        await queue.TakeTurnAsync();
        return Copy(buffer);
    }

    private int Copy(Memory<byte> buffer)
    {
        var length = (int)Math.Min(buffer.Length, _record.Length);
        _record.Slice(0, length).CopyTo(buffer.Span);
        _record = _record.Slice(length);

        // Later it is the reader's affair.
        if (_record.IsEmpty && !_isOpen)
            GiveBack();

        return length;
    }
}
