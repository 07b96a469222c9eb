namespace RawWs.SocketIO.Engine;

/// <summary>The header fields of responses: CORS, caching, the cookie, and what the application adds.</summary>
/// <param name="options">The application's options.</param>
internal sealed class EngineHeaders(SocketIOServerOptions options)
{
    private const string CacheControl = "Cache-Control";

    /// <summary>Those of a refusal, in which the application has no say.</summary>
    public ResponseHeaders ForRefusal(EngineRequest request)
    {
        var headers = options.Cors?.HeadersFor(request.Origin) ?? [];

        // Filters of old browsers took scripts in a response for an attack, and could be made one.
        if (request.Handshake.GetHeader("User-Agent") is { } agent && (agent.Contains(";MSIE", StringComparison.Ordinal) || agent.Contains("Trident/", StringComparison.Ordinal)))
            headers.Add("X-XSS-Protection", "0");

        return headers;
    }

    /// <summary>Those of a poll or a post.</summary>
    public ResponseHeaders ForPolling(EngineRequest request) => WithHooks(ForRefusal(request), (CacheControl, "no-store"), request, isFirst: false);

    /// <summary>Those of the response that begins a session on polling.</summary>
    public ResponseHeaders ForHandshake(EngineRequest request, string sessionId)
    {
        var headers = ForRefusal(request);
        if (options.Cookie is { } cookie)
            headers.Add("Set-Cookie", cookie.For(sessionId));

        return WithHooks(headers, (CacheControl, "no-store"), request, isFirst: true);
    }

    /// <summary>Those of an opening handshake.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isFirst">Whether it begins a session.</param>
    public ResponseHeaders ForWebSocket(EngineRequest request, bool isFirst) => WithHooks(ForRefusal(request), null, request, isFirst);

    private ResponseHeaders WithHooks(ResponseHeaders headers, (string Name, string Value)? own, EngineRequest request, bool isFirst)
    {
        if (own is { } field)
            headers.Add(field.Name, field.Value);

        if (options.OnInitialHeaders is null && options.OnHeaders is null)
            return headers;

        var added = new ResponseHeaders();
        if (isFirst)
            options.OnInitialHeaders?.Invoke(added, request.Handshake);

        options.OnHeaders?.Invoke(added, request.Handshake);
        return Merge(headers, added);
    }

    // What the application says replaces what was said of the same name. Only cookies live side by side.
    private static ResponseHeaders Merge(ResponseHeaders headers, ResponseHeaders added)
    {
        var replaced = added.Select(field => field.Key).Where(name => !name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var merged = new ResponseHeaders();
        foreach (var (name, value) in headers.Where(field => !replaced.Contains(field.Key)).Concat(added))
            merged.Add(name, value);

        return merged;
    }
}
