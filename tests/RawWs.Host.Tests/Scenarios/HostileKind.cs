using RawWs.Testing;

namespace RawWs.Host.Tests.Scenarios;

/// <summary>One way to mean harm, and what comes of it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Sent">What is sent; another request that must not be answered may follow.</param>
/// <param name="Status">The status of the only answer; null if the client does not wait for one.</param>
internal sealed record HostileKind(string Name, string Sent, int? Status)
{
    private const string Host = "Host: localhost\r\n";
    private const string Post = "POST /_rawws HTTP/1.1\r\n" + Host;
    private const string Chunked = Post + "Transfer-Encoding: chunked\r\n\r\n";
    private const string Smuggled = "GET /healthz HTTP/1.1\r\n" + Host + "\r\n";

    /// <summary>All that are HTTP, or are meant to be taken for it.</summary>
    public static readonly HostileKind[] Http =
    [
        new("Content-Length and Transfer-Encoding", Post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Smuggled, 400),
        new("an unknown coding", Post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + Smuggled, 501),
        new("chunked twice", Post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + Smuggled, 400),
        new("two lengths", Post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + Smuggled, 400),
        new("a length with a sign", Post + "Content-Length: +5\r\n\r\nhello" + Smuggled, 400),
        new("a chunk of all there is", Chunked + "ffffffffffffffff\r\n" + Smuggled, 413),
        new("a chunk line that ends with LF", Chunked + "5\nhello\r\n0\r\n\r\n" + Smuggled, 400),
        new("an extension with LF in it", Chunked + "5;a\nb\r\nhello\r\n0\r\n\r\n" + Smuggled, 400),
        new("a chunk longer than its size", Chunked + "5\r\nhello!\r\n0\r\n\r\n" + Smuggled, 400),
        new("a body that is too large", Post + "Content-Length: 99999999\r\n\r\n" + Smuggled, 413),
        new("a body where there is none", "GET /healthz HTTP/1.1\r\n" + Host + "Content-Length: 5\r\n\r\nhello" + Smuggled, 413),
        new("dot segments", "GET /chat/../../../../etc/passwd HTTP/1.1\r\n" + Host + "\r\n" + Smuggled, 400),
        new("escaped dot segments", "GET /chat/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + Host + "\r\n" + Smuggled, 400),
        new("backslashes", "GET /chat\\..\\..\\etc\\passwd HTTP/1.1\r\n" + Host + "\r\n" + Smuggled, 400),
        new("escaped slashes", "GET /chat/..%2f..%2fetc%2fpasswd HTTP/1.1\r\n" + Host + "Connection: close\r\n\r\n", 404),
        new("too many fields", "GET /healthz HTTP/1.1\r\n" + Host + string.Concat(Enumerable.Repeat("X: y\r\n", 200)) + "\r\n" + Smuggled, 431),
        new("too large a field", "GET /healthz HTTP/1.1\r\n" + Host + "X: " + new string('y', 100_000), 431),
        new("too long a target", "GET /" + new string('x', 100_000), 414),
        new("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Smuggled, 505),
        new("HTTP/0.9", "GET /healthz\r\n\r\n" + Smuggled, 400),
        new("TRACE", "TRACE /healthz HTTP/1.1\r\n" + Host + "\r\n" + Smuggled, 501),
        new("no host", "GET /healthz HTTP/1.1\r\n\r\n" + Smuggled, 400),
        new("two hosts", "GET /healthz HTTP/1.1\r\n" + Host + Host + "\r\n" + Smuggled, 400),
        new("NUL in a value", "GET /healthz HTTP/1.1\r\n" + Host + "X: a\0b\r\n\r\n" + Smuggled, 400),
        new("NUL in the target", "GET /healthz\0 HTTP/1.1\r\n" + Host + "\r\n" + Smuggled, 400),
        new("lines that end with LF", "GET /healthz HTTP/1.1\nHost: localhost\n\n" + Smuggled, 400),
        new("CR in a value", "GET /healthz HTTP/1.1\r\n" + Host + "X: a\rb\r\n\r\n" + Smuggled, 400),
        new("a folded line", "GET /healthz HTTP/1.1\r\n" + Host + "X: a\r\n b\r\n\r\n" + Smuggled, 400),
        new("a space before a colon", "GET /healthz HTTP/1.1\r\n" + Host + "X : a\r\n\r\n" + Smuggled, 400),
        new("TLS where there is none, or within itself", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + new string('\x17', 200), 400),
        new("garbage", new string('\xff', 5_000), 400),
        new("an upgrade of another version", WireClient.Handshake.Replace("Version: 13", "Version: 8", StringComparison.Ordinal) + "\r\n" + Smuggled, 426),
        new("an upgrade with a body", WireClient.Handshake + $"Content-Length: {Smuggled.Length}\r\n\r\n" + Smuggled, 400),
        new("an upgrade with a broken extension", WireClient.Handshake + "Sec-WebSocket-Extensions: a=\"\r\n\r\n" + Smuggled, 400),
        new("an upgrade from another page with a cookie", WireClient.Handshake + "Cookie: a=b\r\nOrigin: https://evil.example\r\n\r\n" + Smuggled, 403),
        new("a request line that is cut", "GET /heal", null),
        new("a head that is cut", "GET /healthz HTTP/1.1\r\n" + Host + "X: ", null),
        new("a body that is cut", Post + "Content-Length: 50\r\n\r\nhalf", null),
        new("an upgrade that is cut", WireClient.Handshake, null),
    ];
}
