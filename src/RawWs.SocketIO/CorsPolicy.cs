using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace RawWs.SocketIO;

/// <summary>Which web pages of other origins may read what long-polling requests are answered (CORS), and how browsers are told.</summary>
/// <remarks>
/// Immutable and thread-safe. It refuses nobody: whose origin does not match is served without the header that lets its page read the answer. WebSockets know no
/// CORS; who may open one is <see cref="WebSocketServerOptions.OriginPolicy"/>'s to say.
/// </remarks>
public sealed record CorsPolicy
{
    // RFC 9110 §5.6.2, a token: what the name of a header is made of.
    private static readonly SearchValues<char> InName = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private const string NotAName = "no name of a header; several are named one by one";

    private static readonly SearchValues<char> NotInAuthority = SearchValues.Create("/?#@* \t");

    /// <summary>
    /// The origins, each as a browser sends it: <c>https://example.com</c>, without a path or a default port; <c>null</c> for pages that have none, such as files; or <c>*</c> for any.
    /// </summary>
    /// <exception cref="ArgumentException">One of them is no origin.</exception>
    public required IReadOnlyCollection<string> Origins { get; init => field = EachIs(IsOrigin, value, "no origin; write it as browsers send it, https://example.com, without a path or a default port; or * for any"); }

    /// <summary>Whether cookies may come along. Default: no. With <c>*</c> the origin is named all the same, for browsers ask for that.</summary>
    public bool AllowCredentials { get; init; }

    /// <summary>The request headers that pages may set. Default: none, which allows those that the browser asks for.</summary>
    /// <exception cref="ArgumentException">One of them is no name of a header.</exception>
    public IReadOnlyCollection<string> AllowedHeaders { get; init => field = EachIs(IsName, value, NotAName); } = [];

    /// <summary>The response headers that pages may read. Default: none but the usual ones.</summary>
    /// <exception cref="ArgumentException">One of them is no name of a header.</exception>
    public IReadOnlyCollection<string> ExposedHeaders { get; init => field = EachIs(IsName, value, NotAName); } = [];

    /// <summary>For how long browsers may remember the answer to a preflight, in whole seconds; 0 for not at all. Default: null, which leaves it to them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan? MaxAge
    {
        get;
        init => field = value >= TimeSpan.Zero || value is null ? value : throw new ArgumentOutOfRangeException(nameof(MaxAge), value, "MaxAge is a time from 0, or null to leave it to browsers.");
    }

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

    // What could never match, or not be sent, would otherwise be found out by whoever wonders why a page gets nothing.
    private static IReadOnlyCollection<string> EachIs(Predicate<string> isOne, IReadOnlyCollection<string> values, string otherwise, [CallerMemberName] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        foreach (var value in values)
        {
            if (value is null || !isOne(value))
                throw new ArgumentException($"'{value}' in {name} is {otherwise}.", name);
        }

        return values;
    }

    private static bool IsOrigin(string text)
    {
        if (text is "*" or "null")
            return true;

        var colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon <= 0 || !Ascii.IsValid(text))
            return false;

        var scheme = text.AsSpan(0, colon);
        var authority = text.AsSpan(colon + 3);
        var defaultPort = scheme.Equals("https", StringComparison.OrdinalIgnoreCase) ? ":443" : scheme.Equals("http", StringComparison.OrdinalIgnoreCase) ? ":80" : null;
        return !authority.IsEmpty && !authority.ContainsAny(NotInAuthority) && (defaultPort is null || !authority.EndsWith(defaultPort, StringComparison.Ordinal));
    }

    private static bool IsName(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(InName);
}
