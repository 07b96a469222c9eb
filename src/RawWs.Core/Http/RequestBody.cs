using System.Buffers;
using System.Net;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Http;

/// <summary>The body of a request, read from the connection as it is asked for. Asynchronous only, forwards only, by one reader at a time.</summary>
/// <param name="transport">The connection, read up to the end of the head.</param>
/// <param name="framing">Where the body ends.</param>
/// <param name="maxLength">Bytes in a chunked body. One of a known length has been judged before.</param>
/// <param name="expectsContinue">Whether the client waits for a word before it sends anything (RFC 9110 §10.1.1).</param>
/// <param name="deadlines">Those of the connection.</param>
/// <param name="onComplete">Called once, when the body has been read to its end.</param>
internal sealed class RequestBody(
    TransportConnection transport, RequestFraming framing, long maxLength, bool expectsContinue, IExchangeDeadlines deadlines, Action onComplete) : Stream
{
    private const int Unread = 0, BeingRead = 1, Ended = 2;

    private readonly ChunkedDecoder? _chunks = framing.IsChunked ? new ChunkedDecoder(maxLength) : null;
    private long _remaining = framing.Length;
    private int _state = Unread;
    private bool _hasBegun;

    /// <summary>Whether the body has been read to its end.</summary>
    public bool IsComplete => _chunks?.IsComplete ?? _remaining == 0;

    /// <summary>Why the body can't be had, null if it can.</summary>
    public RequestBodyException? Failure { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("A body is read forwards only; see HttpRequest.BodyLength.");

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException("A body is read forwards only.");
        set => throw new NotSupportedException("A body is read forwards only.");
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        switch (Interlocked.CompareExchange(ref _state, BeingRead, Unread))
        {
            case BeingRead:
                throw new InvalidOperationException("A body is read by one reader at a time.");

            case Ended:
                throw new InvalidOperationException("A body is read before its handler returns.");
        }

        try
        {
            if (Failure is not null)
                throw Failure;

            return buffer.IsEmpty || IsComplete ? 0 : await ReadSomeAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error) when (error is not RequestBodyException)
        {
            throw Failure = new RequestBodyException(null, "the client has gone", error);
        }
        finally
        {
            Interlocked.Exchange(ref _state, Unread);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Not supported: nothing here blocks a thread.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read asynchronously.");

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException("A body is read only.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A body is read forwards only.");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("A body is read only.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read only.");

    /// <summary>The handler has returned: from now on nobody reads here.</summary>
    /// <returns>False if somebody still does: the connection is not to be read by anybody else then.</returns>
    public bool TryEnd()
    {
        deadlines.End();
        return Interlocked.CompareExchange(ref _state, Ended, Unread) != BeingRead;
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_hasBegun)
            await BeginAsync(cancellationToken).ConfigureAwait(false);

        while (true)
        {
            // Late, it is taken as far as it has come: its reader may have been busy. What comes together with the deadline does not make up for it. Whether more has come
            // to the system only a read finds out on every transport.
            var read = transport.Input.ReadAsync(cancellationToken);
            var isOver = !read.IsCompleted && deadlines.IsLate;
            if (isOver)
                transport.Input.CancelPendingRead();

            var result = await read.ConfigureAwait(false);
            var (unread, count) = (result.Buffer, 0);
            try
            {
                count = Take(ref unread, buffer);
            }
            catch (RequestRefusedException refusal)
            {
                throw Fail(refusal.Status, refusal.Message);
            }
            finally
            {
                // What is behind a full buffer is looked at next time; if there is room left, more is needed.
                transport.Input.AdvanceTo(unread.Start, count > 0 || IsComplete ? unread.Start : unread.End);
            }

            if (IsComplete)
            {
                deadlines.End();
                onComplete();
            }

            if (count > 0 || IsComplete)
                return count;

            if (result.IsCompleted)
                throw Fail(null, "the client ended the connection before its body");

            if (isOver)
                throw Fail(HttpStatusCode.RequestTimeout, "the body took too long");
        }
    }

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _hasBegun = true;
        if (expectsContinue)
        {
            transport.Output.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
            deadlines.BeginWrite();
            await transport.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        deadlines.BeginBody();
    }

    private int Take(ref ReadOnlySequence<byte> unread, Memory<byte> buffer)
    {
        if (_chunks is not null)
            return TakeChunks(_chunks, ref unread, buffer);

        var piece = unread.Slice(0, Math.Min(Math.Min(unread.Length, _remaining), buffer.Length));
        piece.CopyTo(buffer.Span);
        unread = unread.Slice(piece.End);
        _remaining -= piece.Length;
        return (int)piece.Length;
    }

    private static int TakeChunks(ChunkedDecoder chunks, ref ReadOnlySequence<byte> unread, Memory<byte> buffer)
    {
        var count = 0;
        while (count < buffer.Length)
        {
            var piece = chunks.Read(ref unread, buffer.Length - count);
            if (piece.IsEmpty)
                break;

            piece.CopyTo(buffer.Span[count..]);
            count += (int)piece.Length;
        }

        return count;
    }

    private RequestBodyException Fail(HttpStatusCode? status, string reason) => Failure = new RequestBodyException(status, reason);
}
