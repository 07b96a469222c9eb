using System.Net;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs;

/// <summary>A valid opening handshake (RFC 6455 §4.2.1) that waits for its answer. Owns what it shows: it may be kept.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class UpgradeRequest
{
    private readonly RequestFields _fields;

    internal UpgradeRequest(RequestHead head, IReadOnlyList<string> subprotocols, TransportConnection transport)
    {
        (Path, Query) = head.Target;
        (Subprotocols, Tls, IsSecure) = (subprotocols, transport.Tls, transport.IsSecure);
        (LocalEndPoint, RemoteEndPoint) = (transport.LocalEndPoint, transport.RemoteEndPoint);
        PeerEndPoint = transport.PeerEndPointBeside(RemoteEndPoint);
        _fields = new RequestFields(head);
    }

    /// <summary>The path, percent-decoded but for <c>%2F</c> and <c>%25</c>, without the query. Begins with a slash.</summary>
    public string Path { get; }

    /// <summary>The query as it was sent, without the question mark; empty if there is none.</summary>
    public string Query { get; }

    /// <summary>The subprotocols that the client offers, the one it prefers first.</summary>
    public IReadOnlyList<string> Subprotocols { get; }

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

    /// <summary>The <c>Host</c> that the client wants to talk to.</summary>
    public string Host => GetHeader("Host") ?? "";

    /// <summary>The origin of the web page that connects, null for a client that is no browser.</summary>
    public string? Origin => GetHeader("Origin");

    /// <summary>The value of the first header field of this name, in any case of letters; null if there is none.</summary>
    public string? GetHeader(string name) => _fields.Find(name);

    /// <summary>The value of a cookie as it was sent (RFC 6265 §4.2), without quotes around it; null if there is none of this name.</summary>
    public string? GetCookie(string name) => _fields.FindCookie(name);

    /// <summary>The first value of a parameter of the query, percent-decoded, with a space for each plus sign; null if there is none of this name.</summary>
    public string? GetQueryValue(string name) => RequestFields.FindQueryValue(Query, name);
}
