using System.Buffers;

namespace RawWs;

/// <summary>
/// A message that is read while it arrives. Reading ends (0) where the message does; if the connection ends first, it fails. Read-only and
/// not seekable; asynchronous only, for nothing here may block a thread.
/// </summary>
/// <remarks>For one reader at a time, until the next message is asked for. Disposing is not needed.</remarks>
public sealed class WebSocketMessageStream : Stream
{
    private readonly WebSocketConnection _connection;
    private ReadOnlySequence<byte> _piece;
    private bool _isLastPiece;

    internal WebSocketMessageStream(WebSocketConnection connection, MessageType type, ReadOnlySequence<byte> firstPiece, bool isLastPiece)
        => (_connection, Type, _piece, _isLastPiece) = (connection, type, firstPiece, isLastPiece);

    /// <summary>Whether the message is text or binary. Text is valid UTF-8, but a read may end inside a character.</summary>
    public MessageType Type { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>Not supported: the length of a message is known when it ends.</summary>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Reads what has arrived, at least one byte, or waits for it.</summary>
    /// <returns>The number of bytes; 0 at the end of the message.</returns>
    /// <exception cref="WebSocketClosedException">The connection ended before the message did.</exception>
    /// <exception cref="InvalidOperationException">The next message has been asked for, or the session has ended.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;

        while (_piece.IsEmpty)
        {
            if (_isLastPiece)
                return 0;

            (_piece, _isLastPiece) = await _connection.ReadPartAsync(this, cancellationToken).ConfigureAwait(false);
        }

        // What a stale stream has at hand is somebody else's memory by now.
        _connection.ThrowIfStale(this);
        var count = (int)Math.Min(_piece.Length, buffer.Length);
        _piece.Slice(0, count).CopyTo(buffer.Span);
        _piece = _piece.Slice(count);
        return count;
    }

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Not supported: it would block. Use <see cref="ReadAsync(Memory{byte}, CancellationToken)"/>.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Reading would block; use ReadAsync.");

    /// <summary>Not supported.</summary>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Does nothing.</summary>
    public override void Flush()
    {
    }
}
