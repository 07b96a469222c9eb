using System.Net;
using System.Reflection;
using System.Security.Cryptography;

namespace RawWs.Host;

/// <summary>The page of the chat, whose files are inside the program: <c>index.html</c> at <c>/</c>, and what it needs below <c>/chat/</c>.</summary>
internal static class ChatPage
{
    /// <summary>Where the page is.</summary>
    public const string Path = "/";

    private const string ResourcePrefix = "ChatPage/";
    private const string FilesPath = "/chat/";

    // Nothing from elsewhere, nothing inline, no frame around it, and no string that becomes a script or an element: names and messages are anybody's.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'";

    /// <summary>Lets a server answer requests for the page.</summary>
    public static void MapTo(WebSocketServer server)
    {
        var assembly = typeof(ChatPage).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            var name = resource[ResourcePrefix.Length..];
            server.MapGet(name == "index.html" ? Path : FilesPath + name, AnswerWith(Read(assembly, resource), ContentTypeOf(name)));
        }
    }

    private static Func<HttpRequest, CancellationToken, ValueTask<HttpResponse>> AnswerWith(byte[] content, string contentType)
    {
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"";
        var headers = new ResponseHeaders
        {
            { "ETag", tag },

            // Kept, but asked for each time: the files belong together, and another version of the program has others.
            { "Cache-Control", "no-cache" },
            { "Content-Security-Policy", ContentSecurityPolicy },
            { "X-Content-Type-Options", "nosniff" },
            { "Referrer-Policy", "no-referrer" },
        };
        var (whole, known) = (HttpResponse.Bytes(content, contentType, headers: headers), HttpResponse.Empty(HttpStatusCode.NotModified, headers));
        return (request, _) => new(IsKnown(request.GetHeader("If-None-Match"), tag) ? known : whole);
    }

    // RFC 9110 §13.1.2, by weak comparison. No tag of ours has a comma in it.
    private static bool IsKnown(string? tags, string tag)
        => tags is not null && tags.Split(',').Select(one => one.Trim()).Any(one => one == "*" || one == tag || one == "W/" + tag);

    private static byte[] Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!; // The assembly has just named it.
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static string ContentTypeOf(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new System.Diagnostics.UnreachableException($"A file of the page ends in {other}."),
    };
}
