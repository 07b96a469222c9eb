using System.Text;

namespace RawWs.SocketIO;

/// <summary>Which web pages of other origins may read what long-polling requests are answered (CORS), and how browsers are told.</summary>
/// <remarks>
/// Immutable and thread-safe. It refuses nobody: whose origin does not match is served without the header that lets its page read the answer. WebSockets know no
/// CORS; who may open one is <see cref="WebSocketServerOptions.OriginPolicy"/>'s to say.
/// </remarks>
public sealed record CorsPolicy
{
    /// <summary>The origins, each as a browser sends it: <c>https://example.com</c>; or <c>*</c> for any.</summary>
    public required IReadOnlyCollection<string> Origins { get; init; }

    /// <summary>Whether cookies may come along. Default: no. With <c>*</c> the origin is named all the same, for browsers ask for that.</summary>
    public bool AllowCredentials { get; init; }

    /// <summary>The request headers that pages may set. Default: none, which allows those that the browser asks for.</summary>
    public IReadOnlyCollection<string> AllowedHeaders { get; init; } = [];

    /// <summary>The response headers that pages may read. Default: none but the usual ones.</summary>
    public IReadOnlyCollection<string> ExposedHeaders { get; init; } = [];

    /// <summary>For how long browsers may remember the answer to a preflight. Default: null, which leaves it to them.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>What a server keeps: nothing that is changed in lists afterwards reaches it.</summary>
    internal CorsPolicy Copy() => this with { Origins = [.. Origins], AllowedHeaders = [.. AllowedHeaders], ExposedHeaders = [.. ExposedHeaders] };

    /// <summary>The headers of a response to a request with this origin, null if it has none.</summary>
    internal ResponseHeaders HeadersFor(string? origin)
    {
        var headers = new ResponseHeaders();
        if (Origins.Contains("*") && !AllowCredentials)
        {
            headers.Add("Access-Control-Allow-Origin", "*");
        }
        else
        {
            // What is answered depends on who asks, also if the answer is no.
            headers.Add("Vary", "Origin");
            if (origin is not null && Ascii.IsValid(origin) && (Origins.Contains("*") || Origins.Contains(origin, StringComparer.OrdinalIgnoreCase)))
                headers.Add("Access-Control-Allow-Origin", origin);
        }

        if (AllowCredentials)
            headers.Add("Access-Control-Allow-Credentials", "true");

        if (ExposedHeaders.Count > 0)
            headers.Add("Access-Control-Expose-Headers", string.Join(",", ExposedHeaders));

        return headers;
    }

    /// <summary>The headers of the answer to a preflight.</summary>
    internal ResponseHeaders PreflightHeadersFor(string? origin, string? requestedHeaders)
    {
        var headers = HeadersFor(origin);
        headers.Add("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
        if (AllowedHeaders.Count > 0)
        {
            headers.Add("Access-Control-Allow-Headers", string.Join(",", AllowedHeaders));
        }
        else if (requestedHeaders is not null && Ascii.IsValid(requestedHeaders))
        {
            headers.Add("Vary", "Access-Control-Request-Headers");
            headers.Add("Access-Control-Allow-Headers", requestedHeaders);
        }

        if (MaxAge is { } age)
            headers.Add("Access-Control-Max-Age", $"{(long)age.TotalSeconds}");

        return headers;
    }
}
