using System.Net;
using System.Reflection;
using System.Security.Cryptography;

namespace RawWs.Host;

/// <summary>A file of one of our pages, inside the program, and how it is answered: with what protects the page, and only if the browser does not have it already.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class PageFile
{
    private readonly string _tag;
    private readonly HttpResponse _whole;
    private readonly HttpResponse _known;

    private PageFile(string name, byte[] content)
    {
        (Name, Content) = (name, content);
        _tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"";
        var headers = Protected(new ResponseHeaders
        {
            { "ETag", _tag },

            // Kept, but asked for each time: the files belong together, and another version of the program has others.
            { "Cache-Control", "no-cache" },
            { "Referrer-Policy", "no-referrer" },
        });
        _whole = HttpResponse.Bytes(content, ContentTypeOf(name), headers: headers);
        _known = HttpResponse.Empty(HttpStatusCode.NotModified, headers);
    }

    /// <summary>Its name, without folders.</summary>
    public string Name { get; }

    /// <summary>What is in it.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>All files of a page, with those that all pages have.</summary>
    /// <param name="page">What their resources are named after.</param>
    public static IReadOnlyList<PageFile> AllOf(string page) => [.. Named(page), .. Named("CommonPage")];

    /// <summary>Adds what keeps a page to itself: nothing from elsewhere, nothing inline, no frame around it, and no string that becomes a script or an element.</summary>
    /// <param name="headers">To these.</param>
    /// <param name="formAction">Where its forms may go.</param>
    public static ResponseHeaders Protected(ResponseHeaders headers, string formAction = "'none'")
    {
        headers.Add(
            "Content-Security-Policy",
            $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action {formAction}; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'");
        headers.Add("X-Content-Type-Options", "nosniff");
        return headers;
    }

    /// <summary>Answers a request for it.</summary>
    public HttpResponse Answer(HttpRequest request) => IsKnown(request.GetHeader("If-None-Match")) ? _known : _whole;

    // RFC 9110 §13.1.2, by weak comparison. No tag of ours has a comma in it.
    private bool IsKnown(string? tags) => tags is not null && tags.Split(',').Select(one => one.Trim()).Any(one => one == "*" || one == _tag || one == "W/" + _tag);

    private static IEnumerable<PageFile> Named(string folder)
    {
        var assembly = typeof(PageFile).Assembly;
        var prefix = folder + "/";
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal))
            .Select(resource => new PageFile(resource[prefix.Length..], Read(assembly, resource)));
    }

    private static byte[] Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!; // The assembly has just named it.
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new System.Diagnostics.UnreachableException($"A file of the page ends in {other}."),
    };
}
