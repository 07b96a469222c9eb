using System.Buffers;
using System.Net;
using System.Text;
using RawWs.Http;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs;

/// <summary>
/// A request to an <see cref="HttpRoute"/>. Owns what it shows and may be kept, but for <see cref="Body"/>, which ends when the handler returns.
/// </summary>
/// <remarks>All but the body is immutable and thread-safe.</remarks>
public sealed class HttpRequest
{
    // The memory for a body grows with what has come, and not with what was announced.
    private const int FirstBodyPiece = 4_096;

    private readonly RequestFields _fields;

    internal HttpRequest(RequestHead head, RequestFraming framing, TransportConnection transport)
    {
        (Path, Query) = head.Target;
        Method = Encoding.ASCII.GetString(head.Method);
        IsHttp10 = head.IsHttp10;
        Framing = framing;
        _fields = new RequestFields(head);
        (LocalEndPoint, RemoteEndPoint) = (transport.LocalEndPoint, transport.RemoteEndPoint);
        PeerEndPoint = transport.PeerEndPointBeside(RemoteEndPoint);
        (Tls, IsSecure) = (transport.Tls, transport.IsSecure);
    }

    /// <summary>The method, one of those of the route. Methods are case-sensitive.</summary>
    public string Method { get; }

    /// <summary>The path, percent-decoded but for <c>%2F</c> and <c>%25</c>, without the query. Begins with a slash and has no dot segments.</summary>
    public string Path { get; }

    /// <summary>The query as it was sent, without the question mark; empty if there is none.</summary>
    public string Query { get; }

    /// <summary>All header fields in their order, as they were sent. A name may be there several times.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _fields.All;

    /// <summary>Our end of the connection, null if the transport has no such thing.</summary>
    public EndPoint? LocalEndPoint { get; }

    /// <summary>The peer's end of the connection, or behind a trusted proxy its client's, with port 0 if the proxy tells none; null if the transport has no such thing.</summary>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>The end of whoever is connected, a proxy or not; null if the transport has no such thing.</summary>
    public EndPoint? PeerEndPoint { get; }

    /// <summary>What TLS agreed on, null if the connection is not encrypted.</summary>
    public TlsDetails? Tls { get; }

    /// <summary>Whether the client speaks TLS: with this server, or with a trusted proxy that says so.</summary>
    public bool IsSecure { get; }

    /// <summary>The <c>Host</c> that the client wants to talk to; empty if an HTTP/1.0 client named none.</summary>
    public string Host => GetHeader("Host") ?? "";

    /// <summary>The origin of the web page that asks, null if the client named none.</summary>
    public string? Origin => GetHeader("Origin");

    /// <summary>Bytes in the body as the client announced them, 0 if there is none; null for a body in chunks, whose end nobody knows yet.</summary>
    public long? BodyLength => Framing.IsChunked ? null : Framing.Length;

    /// <summary>
    /// The body, empty if there is none. Read it asynchronously, from one place, before the handler returns: a client is not read ahead of its handler. A body
    /// that is not read to its end costs the client its connection.
    /// </summary>
    /// <remarks>
    /// Reading throws an <see cref="IOException"/> if the body is larger than <see cref="HttpRoute.MaxBodySize"/>, malformed, or takes longer than
    /// <see cref="WebSocketServerOptions.HttpBodyTimeout"/>, or if the client goes. Let it pass: the client is then answered as it should be.
    /// </remarks>
    public Stream Body { get; internal set; } = Stream.Null;

    internal bool IsHttp10 { get; }

    internal RequestFraming Framing { get; }

    /// <summary>The value of the first header field of this name, in any case of letters; null if there is none.</summary>
    public string? GetHeader(string name) => _fields.Find(name);

    /// <summary>The value of a cookie as it was sent (RFC 6265 §4.2), without quotes around it; null if there is none of this name.</summary>
    public string? GetCookie(string name) => _fields.FindCookie(name);

    /// <summary>The first value of a parameter of the query, percent-decoded, with a space for each plus sign; null if there is none of this name.</summary>
    public string? GetQueryValue(string name) => RequestFields.FindQueryValue(Query, name);

    /// <summary>Reads what is left of <see cref="Body"/>, at most <see cref="HttpRoute.MaxBodySize"/> bytes. The memory is the caller's.</summary>
    /// <exception cref="IOException">As for <see cref="Body"/>.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(CancellationToken cancellationToken = default)
    {
        if (BodyLength == 0)
            return default;

        var content = new ArrayBufferWriter<byte>(FirstBodyPiece);
        while (await Body.ReadAsync(content.GetMemory(), cancellationToken).ConfigureAwait(false) is > 0 and var count)
            content.Advance(count);

        return content.WrittenMemory;
    }

    /// <summary>The values of all fields of a name as one list; null if there is none.</summary>
    internal string? GetList(string name) => _fields.FindList(name);
}
