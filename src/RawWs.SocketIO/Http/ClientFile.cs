using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;

namespace RawWs.SocketIO.Http;

/// <summary>A file of the browser's client, and how it is answered: compressed for those who take it so, and only if the browser does not have it already.</summary>
/// <remarks>Thread-safe. Each coding is made when the first client asks for it, and kept.</remarks>
/// <param name="content">What is in it.</param>
/// <param name="contentType">What it is.</param>
/// <param name="tag">Its entity tag, in quotes.</param>
internal sealed class ClientFile(byte[] content, string contentType, string tag)
{
    private readonly ConcurrentDictionary<string, Lazy<byte[]>> _encoded = new(StringComparer.Ordinal);

    /// <summary>Answers a GET or HEAD request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="headers">What the response has anyway.</param>
    public async ValueTask<HttpResponse> AnswerAsync(HttpRequest request, ResponseHeaders headers)
    {
        headers.Add("ETag", tag);
        headers.Add("Cache-Control", "public, max-age=0");
        headers.Add("Vary", "Accept-Encoding");
        headers.Add("X-Content-Type-Options", "nosniff");
        if (IsKnown(request))
            return HttpResponse.Empty(HttpStatusCode.NotModified, headers);

        if (ContentCoding.ChooseFor(request) is not { } coding)
            return HttpResponse.Bytes(content, contentType, headers: headers);

        // The first time takes milliseconds, which an event loop has not.
        var encoded = _encoded.GetOrAdd(coding, static (coding, file) => new(() => ContentCoding.Encode(file, coding, CompressionLevel.Optimal)), content);
        if (!encoded.IsValueCreated)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

        headers.Add("Content-Encoding", coding);
        return HttpResponse.Bytes(encoded.Value, contentType, headers: headers);
    }

    // RFC 9110 §13.1.2, by weak comparison: all codings share a tag, which is a version and has no comma in it.
    private bool IsKnown(HttpRequest request)
        => request.GetHeader("If-None-Match") is { } tags && tags.Split(',').Select(one => one.Trim()).Any(one => one == "*" || one == tag || one == "W/" + tag);
}
