using System.Globalization;
using System.Net;
using System.Text.Json;
using RawWs.SocketIO.Json;

namespace RawWs.SocketIO;

/// <summary>The first request of a connection, and what the client said when it joined a namespace. Immutable and thread-safe.</summary>
public sealed class Handshake
{
    private readonly FirstRequest _request;

    internal Handshake(HttpRequest request, DateTimeOffset time) => _request = FirstRequest.Of(request, time);

    internal Handshake(UpgradeRequest request, DateTimeOffset time) => _request = FirstRequest.Of(request, time);

    /// <summary>That of a socket on another server, as this has told of it.</summary>
    internal Handshake(EventValue description)
    {
        var told = description.Json;
        _request = new ToldRequest(told);
        Auth = JsonText.Member(told, "auth"u8) is { ValueKind: JsonValueKind.Object } auth ? auth : default;
    }

    private Handshake(FirstRequest request, JsonElement auth) => (_request, Auth) = (request, auth);

    /// <summary>The path of the request.</summary>
    public string Path => _request.Path;

    /// <summary>The query as it was sent, without the question mark.</summary>
    public string Query => _request.Query;

    /// <summary>All header fields in their order. A name may be there several times.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _request.Headers;

    /// <summary>Where the request came from, null if the transport has no such thing.</summary>
    public EndPoint? RemoteEndPoint => _request.RemoteEndPoint;

    /// <summary>Whether it came over TLS.</summary>
    public bool IsSecure => _request.IsSecure;

    /// <summary>When it came.</summary>
    public DateTimeOffset Time => _request.Time;

    /// <summary>Whether a web page asks, from wherever: whether there is an <c>Origin</c>.</summary>
    public bool IsCrossDomain => GetHeader("Origin") is not null;

    /// <summary>The object that the client gave as <c>auth</c> for this namespace; undefined if it gave none, and before a namespace is joined.</summary>
    public JsonElement Auth { get; }

    /// <summary>The value of the first header field of this name, in any case of letters; null if there is none.</summary>
    public string? GetHeader(string name) => _request.GetHeader(name);

    /// <summary>The value of a cookie; null if there is none of this name, and for a socket on another server, of which only the header is told.</summary>
    public string? GetCookie(string name) => _request.GetCookie(name);

    /// <summary>The first value of a parameter of the query, percent-decoded; null if there is none of this name.</summary>
    public string? GetQueryValue(string name) => _request.GetQueryValue(name);

    /// <summary>That of a socket of the connection that this one began.</summary>
    /// <param name="auth">What the client said when it joined; undefined for nothing, and then this one does.</param>
    internal Handshake With(JsonElement auth) => auth.ValueKind == JsonValueKind.Undefined ? this : new Handshake(_request, auth);

    /// <summary>What other servers are told of it.</summary>
    internal HandshakeDescription Describe() => new()
    {
        Headers = Headers.GroupBy(header => header.Key.ToLowerInvariant(), header => header.Value).ToDictionary(group => group.Key, group => string.Join(", ", group)),
        TimeText = Time.ToString("r", CultureInfo.InvariantCulture),
        Address = (RemoteEndPoint as IPEndPoint)?.Address.ToString(),
        IsCrossDomain = IsCrossDomain,
        IsSecure = IsSecure,
        IssuedMilliseconds = Time.ToUnixTimeMilliseconds(),
        Url = Query.Length == 0 ? Path : $"{Path}?{Query}",
        Query = QueryNames().Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => GetQueryValue(name) ?? ""),
        Auth = Auth.ValueKind == JsonValueKind.Object ? Auth : null,
    };

    private IEnumerable<string> QueryNames()
        => Query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => WebUtility.UrlDecode(pair.Split('=', 2)[0]));
}
