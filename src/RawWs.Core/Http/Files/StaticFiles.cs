using System.Globalization;
using System.Net;

namespace RawWs.Http;

/// <summary>
/// Answers with the files of a folder: with the right type, as they are or as they lie compressed beside themselves, whole or in part, and not at all if the client
/// has them already.
/// </summary>
/// <param name="prefix">What the paths of requests begin with, slashes at both ends included.</param>
/// <param name="folder">Where the files are.</param>
internal sealed class StaticFiles(string prefix, StaticFolder folder)
{
    // What was said of a file has to hold for what is sent. One that is written to all the time is sent as it was looked at, as far as it still goes.
    private const int MaxLookCount = 8;

    private static readonly (string Coding, string Ending)[] Codings = [("br", ".br"), ("gzip", ".gz")];

    /// <summary>Answers a GET or HEAD request.</summary>
    public async ValueTask<HttpResponse> AnswerAsync(HttpRequest request, CancellationToken _)
    {
        // A disk takes its time, which an event loop has not. But it is short: whether the client counts as gone is not asked, for one that has ended its side may still want the file.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

        for (var lookCount = 1; ; lookCount++)
        {
            var answer = folder.Find(request.Path[prefix.Length..]) switch
            {
                FileInfo file => Answer(request, file, isLast: lookCount == MaxLookCount),
                DirectoryInfo when !request.Path.EndsWith('/') => Redirect(request),
                _ => NotFound(),
            };
            if (answer is not null)
                return answer;
        }
    }

    /// <returns>Null if another file has come in its place meanwhile, unless this look is the last.</returns>
    private static HttpResponse? Answer(HttpRequest request, FileInfo file, bool isLast)
    {
        // One that is older than the file is not made of it.
        var variants = Codings
            .Select(coding => (coding.Coding, File: new FileInfo(file.FullName + coding.Ending)))
            .Where(variant => variant.File.Exists && variant.File.LinkTarget is null && variant.File.LastWriteTimeUtc >= file.LastWriteTimeUtc)
            .ToArray();
        var coding = AcceptedEncodings.Choose(request.GetList("Accept-Encoding"), variants.Select(variant => variant.Coding));
        var sent = coding is null ? file : variants.First(variant => variant.Coding == coding).File;

        var tag = TagOf(sent, coding);
        var modified = DateOf(sent.LastWriteTimeUtc);
        var headers = HeadersOf(tag, modified);
        if (variants.Length > 0)
            headers.Add("Vary", "Accept-Encoding");

        // RFC 9110 §13.2.2 has the order of the conditions.
        if (IsAnother(request, tag, sent.LastWriteTimeUtc))
            return HttpResponse.Text("this is not what is here", status: HttpStatusCode.PreconditionFailed);

        if (IsKnown(request, tag, sent.LastWriteTimeUtc))
            return HttpResponse.Empty(HttpStatusCode.NotModified, headers);

        if (coding is not null)
            headers.Add("Content-Encoding", coding);

        return Send(request, sent, TypeOf(request, file), headers, RangeOf(request, tag, modified, sent.Length), isLast);
    }

    private static HttpResponse? Send(HttpRequest request, FileInfo file, string contentType, ResponseHeaders headers, ByteRange? range, bool isLast)
    {
        var (start, length, status) = range is { } part ? (part.Start, part.Length, HttpStatusCode.PartialContent) : (0, file.Length, HttpStatusCode.OK);
        if (range is { IsSatisfiable: false })
            return HttpResponse.Text(
                "there is no such range", status: HttpStatusCode.RequestedRangeNotSatisfiable, headers: new() { { "Content-Range", Text($"bytes */{file.Length}") } });

        headers.Add("Accept-Ranges", "bytes");
        if (range is not null)
            headers.Add("Content-Range", Text($"bytes {start}-{start + length - 1}/{file.Length}"));

        // What is empty need not be opened, and may be a pipe, which would wait for somebody who writes.
        if (length == 0)
            return HttpResponse.Bytes(default, contentType, status, headers);

        try
        {
            return (request.Method == "HEAD" ? Stream.Null : Open(file, start, isLast)) is { } content ? HttpResponse.Streamed(content, contentType, length, status, headers) : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // It was there a moment ago; or it is there, but not for this process.
            return NotFound();
        }
        catch (IOException)
        {
            // Mostly, that the process has no descriptor left for it.
            return HttpResponse.Text("this can't be had now", status: HttpStatusCode.ServiceUnavailable, headers: new() { { "Retry-After", "5" } });
        }
    }

    /// <returns>Null if it is not the file any more that was looked at, unless that does not matter.</returns>
    private static FileStream? Open(FileInfo file, long start, bool isAnyGood)
    {
        var stream = new FileStream(file.FullName, new FileStreamOptions
        {
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        });
        if (!isAnyGood && (stream.Length != file.Length || File.GetLastWriteTimeUtc(stream.SafeFileHandle) != file.LastWriteTimeUtc))
        {
            stream.Dispose();
            return null;
        }

        stream.Position = start;
        return stream;
    }

    // Dates are for those who have no tags (§13.1.3, §13.1.4).
    private static bool IsAnother(HttpRequest request, string tag, DateTime modifiedAt)
        => request.GetList("If-Match") is { } wanted
            ? !EntityTags.Contains(wanted, tag, isStrong: true)
            : IsModifiedSince(request.GetHeader("If-Unmodified-Since"), modifiedAt) is true;

    private static bool IsKnown(HttpRequest request, string tag, DateTime modifiedAt)
        => request.GetList("If-None-Match") is { } known
            ? EntityTags.Contains(known, tag, isStrong: false)
            : IsModifiedSince(request.GetHeader("If-Modified-Since"), modifiedAt) is false;

    // To the second, which is all that the fields can say.
    private static bool? IsModifiedSince(string? date, DateTime modifiedAt)
        => DateTime.TryParseExact(date, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var since)
            ? modifiedAt.Ticks / TimeSpan.TicksPerSecond > since.Ticks / TimeSpan.TicksPerSecond
            : null;

    // §14.2: "A server MUST ignore a Range header field received with a request method that is unrecognized or for which range handling is not defined", which is all but GET.
    private static ByteRange? RangeOf(HttpRequest request, string tag, string modified, long length)
    {
        if (request.Method != "GET" || request.GetList("Range") is not { } range)
            return null;

        // §13.1.5: a part is only of use to who has the rest of the very same.
        var isSame = request.GetList("If-Range") is not { } validator
            || validator == modified
            || (validator != "*" && EntityTags.Contains(validator, tag, isStrong: true));

        return isSame ? ByteRange.Read(range, length) : null;
    }

    private static ResponseHeaders HeadersOf(string tag, string modified) => new()
    {
        { "ETag", tag },
        { "Last-Modified", modified },

        // Kept, but asked for each time: a changed file is seen at once, an unchanged one costs a 304.
        { "Cache-Control", "no-cache" },
        { "X-Content-Type-Options", "nosniff" },
    };

    // By the name that was asked for: what a link leads to may be called anything.
    private static string TypeOf(HttpRequest request, FileInfo file)
        => ContentTypes.Find(request.Path.EndsWith('/') ? StaticFolder.IndexName : request.Path) ?? ContentTypes.Find(file.Name) ?? ContentTypes.Unknown;

    private static HttpResponse Redirect(HttpRequest request)
    {
        // Without two slashes at its beginning, which would name another host: the folder has no empty names.
        var path = string.Join('/', request.Path.Split('/').Select(name => Uri.EscapeDataString(name.Replace("%25", "%", StringComparison.Ordinal))));
        var query = request.Query.Length > 0 ? "?" + request.Query : "";
        return HttpResponse.Empty(HttpStatusCode.MovedPermanently, new() { { "Location", $"{path}/{query}" } });
    }

    // Two forms of one file are never the same bytes, and have tags of their own.
    private static string TagOf(FileInfo file, string? coding) => Text($"\"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}{(coding is null ? "" : "-" + coding)}\"");

    private static string DateOf(DateTime time) => time.ToString("r", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static HttpResponse NotFound() => HttpResponse.Text("there is nothing here", status: HttpStatusCode.NotFound);
}
