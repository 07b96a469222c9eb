using System.Globalization;
using System.Net;
using System.Text.Json;
using RawWs.SocketIO.Json;

namespace RawWs.SocketIO;

/// <summary>The first request of a connection, and what the client said when it joined a namespace. Immutable and thread-safe.</summary>
public sealed class Handshake
{
    private readonly Func<string, string?> _header;
    private readonly Func<string, string?> _cookie;
    private readonly Func<string, string?> _queryValue;

    internal Handshake(HttpRequest request, DateTimeOffset time)
        : this(request.Path, request.Query, request.Headers, request.RemoteEndPoint, request.Tls is not null, time)
        => (_header, _cookie, _queryValue) = (request.GetHeader, request.GetCookie, request.GetQueryValue);

    internal Handshake(UpgradeRequest request, DateTimeOffset time)
        : this(request.Path, request.Query, request.Headers, request.RemoteEndPoint, request.Tls is not null, time)
        => (_header, _cookie, _queryValue) = (request.GetHeader, request.GetCookie, request.GetQueryValue);

    internal Handshake(Handshake connection, JsonElement auth)
    {
        (Path, Query, Headers, RemoteEndPoint, IsSecure, Time) = (connection.Path, connection.Query, connection.Headers, connection.RemoteEndPoint, connection.IsSecure, connection.Time);
        (_header, _cookie, _queryValue, Auth) = (connection._header, connection._cookie, connection._queryValue, auth);
    }

    /// <summary>That of a socket on another server, as this has told of it.</summary>
    internal Handshake(EventValue description)
    {
        var told = description.Json;
        var target = TextOf(told, "url"u8) ?? "";
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        (Path, Query) = mark < 0 ? (target, "") : (target[..mark], target[(mark + 1)..]);
        Headers = [.. TextsOf(told, "headers"u8)];
        RemoteEndPoint = IPAddress.TryParse(TextOf(told, "address"u8), out var address) ? new IPEndPoint(address, 0) : null;
        IsSecure = Member(told, "secure"u8).ValueKind == JsonValueKind.True;
        Time = Member(told, "issued"u8) is { ValueKind: JsonValueKind.Number } issued && issued.TryGetInt64(out var milliseconds) && milliseconds is >= 0 and <= 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.UnixEpoch;
        Auth = Member(told, "auth"u8) is { ValueKind: JsonValueKind.Object } auth ? auth : default;

        var values = new Dictionary<string, string>(TextsOf(told, "query"u8), StringComparer.Ordinal);
        _header = name => Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
        _cookie = _ => null;
        _queryValue = values.GetValueOrDefault;
    }

    private Handshake(string path, string query, IReadOnlyList<KeyValuePair<string, string>> headers, EndPoint? remoteEndPoint, bool isSecure, DateTimeOffset time)
    {
        (Path, Query, Headers, RemoteEndPoint, IsSecure, Time) = (path, query, headers, remoteEndPoint, isSecure, time);
        _header = _cookie = _queryValue = static _ => null;
    }

    /// <summary>The path of the request.</summary>
    public string Path { get; }

    /// <summary>The query as it was sent, without the question mark.</summary>
    public string Query { get; }

    /// <summary>All header fields in their order. A name may be there several times.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>Where the request came from, null if the transport has no such thing.</summary>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>Whether it came over TLS.</summary>
    public bool IsSecure { get; }

    /// <summary>When it came.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Whether a web page asks, from wherever: whether there is an <c>Origin</c>.</summary>
    public bool IsCrossDomain => GetHeader("Origin") is not null;

    /// <summary>The object that the client gave as <c>auth</c> for this namespace; undefined if it gave none, and before a namespace is joined.</summary>
    public JsonElement Auth { get; }

    /// <summary>The value of the first header field of this name, in any case of letters; null if there is none.</summary>
    public string? GetHeader(string name) => _header(name);

    /// <summary>The value of a cookie; null if there is none of this name, and for a socket on another server, of which only the header is told.</summary>
    public string? GetCookie(string name) => _cookie(name);

    /// <summary>The first value of a parameter of the query, percent-decoded; null if there is none of this name.</summary>
    public string? GetQueryValue(string name) => _queryValue(name);

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

    // Other servers leave things out, or have lists where we have texts: what makes no sense is missing.
    private static JsonElement Member(JsonElement told, ReadOnlySpan<byte> name)
        => told.ValueKind == JsonValueKind.Object && told.TryGetProperty(name, out var member) ? member : default;

    private static string? TextOf(JsonElement told, ReadOnlySpan<byte> name) => Member(told, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static Dictionary<string, string> TextsOf(JsonElement told, ReadOnlySpan<byte> name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Member(told, name) is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (var member in members.EnumerateObject())
                texts[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText(); // A string has one.
        }

        return texts;
    }

    private IEnumerable<string> QueryNames()
        => Query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => WebUtility.UrlDecode(pair.Split('=', 2)[0]));
}
