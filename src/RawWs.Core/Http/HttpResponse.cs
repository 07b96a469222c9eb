using System.Net;
using System.Text;
using RawWs.Protocol;

namespace RawWs;

/// <summary>
/// What an <see cref="HttpRoute"/> answers: made by <see cref="Text"/>, <see cref="Bytes"/>, <see cref="Streamed"/> or <see cref="Empty"/>. The server adds the
/// rest of the head, and sends no content where there must be none (HEAD).
/// </summary>
/// <remarks>Immutable, and may be used for many requests, unless it is streamed: then for one.</remarks>
/// <example><code>server.MapGet("/time", (request, cancellationToken) => new(HttpResponse.Text(clock.GetUtcNow().ToString("O"))));</code></example>
public sealed class HttpResponse
{
    private HttpResponse(HttpStatusCode status, ResponseHeaders? headers, string? contentType = null)
    {
        if ((int)status is < 200 or > 599)
            throw new ArgumentOutOfRangeException(nameof(status), status, "A response has a status of 200 to 599.");

        if (contentType is not null && (contentType.Length == 0 || !HttpGrammar.IsSendableFieldValue(contentType)))
            throw new ArgumentException("A content type is visible ASCII, such as text/plain.", nameof(contentType));

        // RFC 9110 §15.3.5, §15.3.6, §15.4.5: these never have content.
        if (contentType is not null && status is HttpStatusCode.NoContent or HttpStatusCode.ResetContent or HttpStatusCode.NotModified)
            throw new ArgumentException($"A response with {(int)status} has no content; make it with {nameof(Empty)}.", nameof(status));

        (Status, Headers, ContentType) = (status, headers ?? [], contentType);
    }

    internal HttpStatusCode Status { get; }

    internal ResponseHeaders Headers { get; }

    internal string? ContentType { get; }

    internal ReadOnlyMemory<byte> Content { get; private init; }

    /// <summary>Where the content comes from, null if it is <see cref="Content"/>.</summary>
    internal Stream? Source { get; private init; }

    /// <summary>Bytes in the content, null if nobody knows yet.</summary>
    internal long? Length { get; private init; } = 0;

    /// <summary>Answers with a text in UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="contentType">What it is, with its charset.</param>
    /// <param name="status">200 to 599, but for those that have no content.</param>
    /// <param name="headers">What to add to the response.</param>
    /// <exception cref="ArgumentException">The content type can't be sent, or the status has no content.</exception>
    public static HttpResponse Text(
        string text, string contentType = "text/plain; charset=utf-8", HttpStatusCode status = HttpStatusCode.OK, ResponseHeaders? headers = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Bytes(Encoding.UTF8.GetBytes(text), contentType, status, headers);
    }

    /// <summary>Answers with bytes, which must not change until they have been sent.</summary>
    /// <inheritdoc cref="Text"/>
    /// <param name="content">The bytes.</param>
    /// <param name="contentType">What they are.</param>
    /// <param name="status">200 to 599, but for those that have no content.</param>
    /// <param name="headers">What to add to the response.</param>
    public static HttpResponse Bytes(ReadOnlyMemory<byte> content, string contentType, HttpStatusCode status = HttpStatusCode.OK, ResponseHeaders? headers = null)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        return new HttpResponse(status, headers, contentType) { Content = content, Length = content.Length };
    }

    /// <summary>
    /// Answers with what a stream yields, in pieces of at most 16 KiB, as fast as the client takes them: nothing is read ahead. The server disposes the stream in
    /// any case. If the stream fails or ends too early, the connection is aborted, so that the client does not take a part for the whole.
    /// </summary>
    /// <inheritdoc cref="Text"/>
    /// <param name="content">The stream. It belongs to the server from now on.</param>
    /// <param name="contentType">What it yields.</param>
    /// <param name="length">
    /// How many bytes of it are sent; null for all that it yields. Without a length, reading is cancelled when the client goes or the server stops.
    /// </param>
    /// <param name="status">200 to 599, but for those that have no content.</param>
    /// <param name="headers">What to add to the response.</param>
    public static HttpResponse Streamed(
        Stream content, string contentType, long? length = null, HttpStatusCode status = HttpStatusCode.OK, ResponseHeaders? headers = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(contentType);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        return new HttpResponse(status, headers, contentType) { Source = content, Length = length };
    }

    /// <summary>Answers without content.</summary>
    /// <param name="status">200 to 599.</param>
    /// <param name="headers">What to add to the response.</param>
    public static HttpResponse Empty(HttpStatusCode status = HttpStatusCode.NoContent, ResponseHeaders? headers = null) => new(status, headers);
}
