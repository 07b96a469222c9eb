using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net;
using RawWs.Protocol;

namespace RawWs.Http;

/// <summary>Sends responses. Nothing is read from a stream before the network has taken what was read from it last.</summary>
/// <param name="output">Where they go.</param>
/// <param name="deadlines">Those of the connection.</param>
/// <param name="time">The clock.</param>
internal sealed class ResponseWriter(PipeWriter output, IExchangeDeadlines deadlines, TimeProvider time)
{
    /// <summary>Bytes that are read from a stream at once, and held while the client does not take them: there may be many such clients.</summary>
    public const int MaxPieceSize = 16 * 1024;

    // Bytes of a content that is there already.
    private const int MaxCopySize = 64 * 1024;

    // RFC 9112 §7.1: chunk-size = 1*HEXDIG. Always four of them, so that there is room for it before it is known. With its frame a chunk is still one piece.
    private const int SizeDigits = 4, SizeLineLength = SizeDigits + 2, MaxChunkSize = MaxPieceSize - 1024;

    /// <summary>Sends a response.</summary>
    /// <param name="request">What it answers.</param>
    /// <param name="response">The response. Its stream is left to the caller.</param>
    /// <param name="closes">Whether the connection ends with it.</param>
    /// <param name="cancellationToken">Ends the reading from a stream of unknown length.</param>
    /// <exception cref="ResponseSourceException">Its stream has failed: the client has a part of it at most.</exception>
    public async ValueTask WriteAsync(HttpRequest request, HttpResponse response, bool closes, CancellationToken cancellationToken)
    {
        // Without a length HTTP/1.1 has chunks, and HTTP/1.0 the end of the connection.
        var isChunked = response.Length is null && !request.IsHttp10;
        var hasLength = response.Status is not (HttpStatusCode.NoContent or HttpStatusCode.NotModified);
        ResponseHead.WriteResponse(
            output, response.Status, response.Headers, response.ContentType, hasLength ? response.Length : null, isChunked, closes, time.GetUtcNow());

        // RFC 9110 §9.3.2: "the server MUST NOT send content in the response" to HEAD.
        if (request.Method == "HEAD")
            await FlushAsync().ConfigureAwait(false);
        else if (response.Source is null)
            await WriteAsync(response.Content).ConfigureAwait(false);
        else if (isChunked)
            await WriteChunksAsync(response.Source, cancellationToken).ConfigureAwait(false);
        else
            await WriteSourceAsync(response.Source, response.Length, cancellationToken).ConfigureAwait(false);
    }

    // What is large goes in pieces, as from a stream: the client has its time for each of them, and the network one in its memory.
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> content)
    {
        do
        {
            var piece = content[..Math.Min(content.Length, MaxCopySize)];
            output.Write(piece.Span);
            content = content[piece.Length..];
            await FlushAsync().ConfigureAwait(false);
        }
        while (!content.IsEmpty);
    }

    private async ValueTask WriteSourceAsync(Stream source, long? length, CancellationToken cancellationToken)
    {
        // What has a length ends by itself, and may be wanted by a client that has nothing more to ask.
        var (left, token) = length is { } known ? (known, CancellationToken.None) : (long.MaxValue, cancellationToken);

        // As with chunks.
        if (length is null)
            await FlushAsync().ConfigureAwait(false);

        while (left > 0)
        {
            var memory = output.GetMemory((int)Math.Min(left, MaxPieceSize));
            var piece = memory[..(int)Math.Min(left, Math.Min(memory.Length, MaxPieceSize))];
            var count = await ReadAsync(source, piece, token).ConfigureAwait(false);
            if (count == 0 && length is not null)
                throw new ResponseSourceException("The stream of a response ended before its length.");

            if (count == 0)
                break;

            output.Advance(count);
            left -= count;
            await FlushAsync().ConfigureAwait(false);
        }

        // Of nothing, the head.
        await FlushAsync().ConfigureAwait(false);
    }

    private async ValueTask WriteChunksAsync(Stream source, CancellationToken cancellationToken)
    {
        // What comes late must not keep the head back.
        await FlushAsync().ConfigureAwait(false);
        while (true)
        {
            var memory = output.GetMemory(SizeLineLength + MaxChunkSize + 2);
            var count = await ReadAsync(source, memory.Slice(SizeLineLength, MaxChunkSize), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                break;

            WriteSizeLine(memory.Span, count);
            "\r\n"u8.CopyTo(memory.Span[(SizeLineLength + count)..]);
            output.Advance(SizeLineLength + count + 2);
            await FlushAsync().ConfigureAwait(false);
        }

        output.Write("0\r\n\r\n"u8);
        await FlushAsync().ConfigureAwait(false);
    }

    private static void WriteSizeLine(Span<byte> line, int size)
    {
        Utf8Formatter.TryFormat(size, line, out _, new StandardFormat('x', SizeDigits));
        "\r\n"u8.CopyTo(line[SizeDigits..]);
    }

    private static async ValueTask<int> ReadAsync(Stream source, Memory<byte> memory, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(memory, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The application's stream, which may fail with anything: told apart from the network, and thrown on.
            throw new ResponseSourceException("The stream of a response failed.", error);
        }
    }

    private ValueTask FlushAsync()
    {
        var flush = output.FlushAsync(CancellationToken.None);
        if (!flush.IsCompletedSuccessfully)
            return WaitForRoomAsync(flush);

        _ = flush.Result;
        return default;
    }

    private async ValueTask WaitForRoomAsync(ValueTask<FlushResult> flush)
    {
        deadlines.BeginWrite();
        await flush.ConfigureAwait(false);
        deadlines.End();
    }
}
