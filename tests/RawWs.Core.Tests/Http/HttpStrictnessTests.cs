using System.Text;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.Http;

/// <summary>
/// What a client may send and what it must not (RFC 9112, RFC 9110), over TCP, all at once and byte by byte: whatever another server or a proxy might read
/// otherwise is refused, and nothing behind it is read as a request.
/// </summary>
public class HttpStrictnessTests : LoopbackTests
{
    private const string Host = "Host: a\r\n";
    private const string Chunked = "Transfer-Encoding: chunked\r\n";

    // Behind every row comes a request that must not be answered, if the row is refused, and must be if it is not.
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    public static TheoryData<string, string, int> Refused() => new()
    {
        { "Content-Length and Transfer-Encoding", Post("Content-Length: 5\r\n" + Chunked, "0\r\n\r\n"), 400 },
        { "Transfer-Encoding and Content-Length", Post(Chunked + "Content-Length: 5\r\n", "0\r\n\r\n"), 400 },
        { "Content-Length: 0 and Transfer-Encoding", Post(Chunked + "Content-Length: 0\r\n", "0\r\n\r\n"), 400 },
        { "Content-Length twice", Post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400 },
        { "Content-Length twice the same", Post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400 },
        { "Content-Length as a list", Post("Content-Length: 5, 5\r\n", "hello"), 400 },
        { "Content-Length with a plus", Post("Content-Length: +5\r\n", "hello"), 400 },
        { "Content-Length with a minus", Post("Content-Length: -5\r\n", "hello"), 400 },
        { "Content-Length of minus zero", Post("Content-Length: -0\r\n", ""), 400 },
        { "Content-Length in hexadecimal", Post("Content-Length: 0x5\r\n", "hello"), 400 },
        { "Content-Length with a letter", Post("Content-Length: 5a\r\n", "hello"), 400 },
        { "Content-Length with a space", Post("Content-Length: 1 0\r\n", "hello"), 400 },
        { "Content-Length with a point", Post("Content-Length: 5.0\r\n", "hello"), 400 },
        { "Content-Length with an exponent", Post("Content-Length: 1e1\r\n", "hello"), 400 },
        { "Content-Length that is empty", Post("Content-Length:\r\n", ""), 400 },
        { "Content-Length in other digits", Post("Content-Length: \u00b2\r\n", "he"), 400 },
        { "Content-Length of 2^63", Post("Content-Length: 9223372036854775808\r\n", ""), 413 },
        { "Content-Length of 2^64 and 5", Post("Content-Length: 18446744073709551621\r\n", "hello"), 413 },
        { "Content-Length above the limit", Post("Content-Length: 65\r\n", ""), 413 },
        { "Content-Length with a space before the colon", Post("Content-Length : 5\r\n", "hello"), 400 },
        { "Content-Length behind a vertical tab", Post("Content-Length: \v5\r\n", "hello"), 400 },
        { "body where there is none", Get("Content-Length: 5\r\n") + "hello", 413 },
        { "chunks where there are none", Get(Chunked) + "0\r\n\r\n", 413 },

        { "Transfer-Encoding twice", Post(Chunked + Chunked, "0\r\n\r\n"), 400 },
        { "Transfer-Encoding twice, the second unknown", Post(Chunked + "Transfer-Encoding: x\r\n", "0\r\n\r\n"), 400 },
        { "chunked twice", Post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400 },
        { "chunked and identity", Post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400 },
        { "identity", Post("Transfer-Encoding: identity\r\n", ""), 400 },
        { "gzip", Post("Transfer-Encoding: gzip\r\n", ""), 501 },
        { "gzip and chunked", Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400 },
        { "xchunked", Post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501 },
        { "chunked in quotes", Post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400 },
        { "chunked with a parameter", Post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), 400 },
        { "chunked behind a comma", Post("Transfer-Encoding: ,chunked\r\n", "0\r\n\r\n"), 400 },
        { "chunked before a comma", Post("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"), 400 },
        { "chunked behind a vertical tab", Post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400 },
        { "chunked before a NUL", Post("Transfer-Encoding: chunked\0\r\n", "0\r\n\r\n"), 400 },
        { "chunked before a no-break space", Post("Transfer-Encoding: chunked\u00a0\r\n", "0\r\n\r\n"), 400 },
        { "chunked on a folded line", Post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 400 },
        { "chunked behind a bare LF", Post("X: a\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400 },
        { "chunked behind a bare CR", Post("X: a\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400 },
        { "Transfer-Encoding with a space before the colon", Post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400 },
        { "Transfer-Encoding with a tab before the colon", Post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), 400 },
        { "Transfer-Encoding behind a space", Post(" Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400 },
        { "Transfer-Encoding that is empty", Post("Transfer-Encoding:\r\n", ""), 400 },
        { "Transfer-Encoding in HTTP/1.0", "POST /body HTTP/1.0\r\n" + Chunked + "\r\n0\r\n\r\n", 400 },

        { "chunk size with a plus", Post(Chunked, "+5\r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk size with 0x", Post(Chunked, "0x5\r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk size behind a space", Post(Chunked, " 5\r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk size before a space", Post(Chunked, "5 \r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk size that overflows 64 bits", Post(Chunked, "10000000000000005\r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk size that overflows a sum", Post(Chunked, "1\r\nx\r\nffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 413 },
        { "chunk size above the limit", Post(Chunked, "41\r\n"), 413 },
        { "chunks above the limit", Post(Chunked, "40\r\n" + new string('x', 64) + "\r\n1\r\n"), 413 },
        { "chunk line that ends with a bare LF", Post(Chunked, "5\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk that ends with a bare LF", Post(Chunked, "5\r\nhello\n0\r\n\r\n"), 400 },
        { "chunk that is longer than its size", Post(Chunked, "5\r\nhello!\r\n0\r\n\r\n"), 400 },
        { "chunk extension with a bare LF", Post(Chunked, "5;a\nGET /smuggled\r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk extension with a bare CR", Post(Chunked, "5;a\rb\r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk extension that never ends", Post(Chunked, "5;" + new string('a', 300) + "\r\nhello\r\n0\r\n\r\n"), 400 },
        { "chunk extensions for every byte", Post(Chunked, string.Concat(Enumerable.Repeat("1;" + new string('a', 200) + "\r\nx\r\n", 30)) + "0\r\n\r\n"), 400 },
        { "trailer without a colon", Post(Chunked, "0\r\nX\r\n\r\n"), 400 },
        { "trailer with a space before the colon", Post(Chunked, "0\r\nX : y\r\n\r\n"), 400 },
        { "trailer on a folded line", Post(Chunked, "0\r\nX: y\r\n z\r\n\r\n"), 400 },
        { "trailers that never end", Post(Chunked, "0\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 1_000)) + "\r\n"), 431 },

        { "lines that end with LF", "GET /a HTTP/1.1\nHost: a\n\n", 400 },
        { "request line that ends with LF", "GET /a HTTP/1.1\nHost: a\r\n\r\n", 400 },
        { "head that ends with LF", "GET /a HTTP/1.1\r\nHost: a\r\n\n", 400 },
        { "head that ends with CR CR LF", "GET /a HTTP/1.1\r\nHost: a\r\n\r\r\n", 400 },
        { "folded line", Get("X: a\r\n b\r\n"), 400 },
        { "folded line with a tab", Get("X: a\r\n\tb\r\n"), 400 },
        { "folded first line", "GET /a HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n", 400 },
        { "space before a colon", Get("X : a\r\n"), 400 },
        { "no colon", Get("X\r\n"), 400 },
        { "no name", Get(": a\r\n"), 400 },
        { "space in a name", Get("X Y: a\r\n"), 400 },
        { "NUL in a name", Get("X\0: a\r\n"), 400 },
        { "NUL in a value", Get("X: \0\r\n"), 400 },
        { "DEL in a value", Get("X: \x7f\r\n"), 400 },
        { "bare CR in a value", Get("X: a\rb\r\n"), 400 },
        { "too many fields", Get(string.Concat(Enumerable.Repeat("X: y\r\n", 100))), 431 },
        { "too large a field", Get("X: " + new string('y', 20_000) + "\r\n"), 431 },
        { "too large a name", Get(new string('X', 20_000) + ": y\r\n"), 431 },
        { "too long a target", $"GET /{new string('a', 9_000)} HTTP/1.1\r\n{Host}\r\n", 414 },

        { "no Host", "GET /a HTTP/1.1\r\n\r\n", 400 },
        { "two Hosts", Get(Host), 400 },
        { "two Hosts, different", Get("Host: b\r\n"), 400 },
        { "empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", 400 },
        { "Host with a space", "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
        { "Host with a path", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", 400 },
        { "Host with a user", "GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n", 400 },
        { "Host with a port of letters", "GET /a HTTP/1.1\r\nHost: a:http\r\n\r\n", 400 },
        { "Host with a space before the colon", "GET /a HTTP/1.1\r\nHost : a\r\n\r\n", 400 },
        { "two Hosts in HTTP/1.0", "GET /a HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400 },

        { "two spaces before the target", $"GET  /a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "two spaces before the version", $"GET /a  HTTP/1.1\r\n{Host}\r\n", 400 },
        { "space behind the version", $"GET /a HTTP/1.1 \r\n{Host}\r\n", 400 },
        { "space before the method", $" GET /a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "tabs in the request line", $"GET\t/a\tHTTP/1.1\r\n{Host}\r\n", 400 },
        { "vertical tab in the request line", $"GET\v/a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "space in the target", $"GET /a b HTTP/1.1\r\n{Host}\r\n", 400 },
        { "NUL in the target", $"GET /a\0 HTTP/1.1\r\n{Host}\r\n", 400 },
        { "escaped NUL in the target", $"GET /%00 HTTP/1.1\r\n{Host}\r\n", 400 },
        { "letters beyond ASCII in the target", $"GET /\u00e9 HTTP/1.1\r\n{Host}\r\n", 400 },
        { "fragment in the target", $"GET /a#b HTTP/1.1\r\n{Host}\r\n", 400 },
        { "target without a slash", $"GET a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "dot segments", $"GET /a/../b HTTP/1.1\r\n{Host}\r\n", 400 },
        { "escaped dot segments", $"GET /%2e%2e/b HTTP/1.1\r\n{Host}\r\n", 400 },
        { "backslash", $"GET /a\\b HTTP/1.1\r\n{Host}\r\n", 400 },
        { "escaped backslash", $"GET /a%5cb HTTP/1.1\r\n{Host}\r\n", 400 },
        { "asterisk-form with GET", $"GET * HTTP/1.1\r\n{Host}\r\n", 400 },
        { "asterisk-form with OPTIONS", $"OPTIONS * HTTP/1.1\r\n{Host}\r\n", 400 },
        { "authority-form", $"CONNECT a:80 HTTP/1.1\r\n{Host}\r\n", 400 },
        { "authority-form with GET", $"GET a:80 HTTP/1.1\r\n{Host}\r\n", 400 },
        { "absolute-form of another scheme", $"GET ftp://a/a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "absolute-form with a user", $"GET http://b@a/a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "absolute-form of another host", $"GET http://b/a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "absolute-form of another port", $"GET http://a:443/a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "absolute-form without a host", $"GET http:///a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "CONNECT with a path", $"CONNECT /a HTTP/1.1\r\n{Host}\r\n", 501 },
        { "TRACE", $"TRACE /a HTTP/1.1\r\n{Host}\r\n", 501 },
        { "unknown method", $"BREW /a HTTP/1.1\r\n{Host}\r\n", 501 },
        { "method in lower case", $"get /a HTTP/1.1\r\n{Host}\r\n", 501 },
        { "method that is not this path's", $"DELETE /a HTTP/1.1\r\n{Host}\r\n", 405 },
        { "method that is not this path's, with a body", $"POST /a HTTP/1.1\r\n{Host}Content-Length: {Smuggled.Length}\r\n\r\n", 405 },
        { "method that is no token", $"G@T /a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "no method", $"/a HTTP/1.1\r\n{Host}\r\n", 400 },
        { "HTTP/0.9", "GET /a\r\n\r\n", 400 },
        { "version 0.9", $"GET /a HTTP/0.9\r\n{Host}\r\n", 505 },
        { "version 2.0", $"GET /a HTTP/2.0\r\n{Host}\r\n", 505 },
        { "version 1.10", $"GET /a HTTP/1.10\r\n{Host}\r\n", 400 },
        { "version in lower case", $"GET /a http/1.1\r\n{Host}\r\n", 400 },
        { "preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
        { "three empty lines", "\r\n\r\n\r\n", 400 },
        { "TLS", "\x16\x03\x01\x02\0\x01\0\x01", 400 },
        { "unknown expectation", Post("Expect: 200-ok\r\nContent-Length: 5\r\n", "hello"), 417 },
        { "two expectations", Post("Expect: 100-continue\r\nExpect: x\r\nContent-Length: 5\r\n", "hello"), 417 },
        { "upgrade with a body", Get("Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n") + "hello", 400 },
        { "upgrade that is incomplete, where an HTTP route is too", Get("Upgrade: websocket\r\n"), 400 },
        { "no such path", $"GET /nowhere HTTP/1.1\r\n{Host}\r\n", 426 },
    };

    public static TheoryData<string, string, string> Accepted() => new()
    {
        { "GET", Get(""), "GET /a" },
        { "absolute-form", $"GET http://a/a HTTP/1.1\r\n{Host}\r\n", "GET /a" },
        { "a version above ours", $"GET /a HTTP/1.9\r\n{Host}\r\n", "GET /a" },
        { "an empty line before", "\r\n" + Get(""), "GET /a" },
        { "Content-Length of 0", Get("Content-Length: 0\r\n"), "GET /a" },
        { "Content-Length", Post("Content-Length: 5\r\n", "hello"), "hello" },
        { "Content-Length with zeros", Post("Content-Length: 005\r\n", "hello"), "hello" },
        { "Content-Length that looks like a request", Post($"Content-Length: {Get("").Length}\r\n", Get("")), Get("") },
        { "Content-Length of the limit", Post("Content-Length: 64\r\n", new string('x', 64)), new string('x', 64) },
        { "a body of unknown length that is none", Post("", ""), "" },
        { "chunks", Post(Chunked, "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"), "hello!" },
        { "Chunked in any case", Post("TRANSFER-ENCODING:\tCHUNKED \r\n", "5\r\nhello\r\n0\r\n\r\n"), "hello" },
        { "chunks of the limit", Post(Chunked, "40\r\n" + new string('x', 64) + "\r\n0\r\n\r\n"), new string('x', 64) },
        { "a chunk that looks like the end", Post(Chunked, "5\r\n0\r\n\r\n\r\n0\r\n\r\n"), "0\r\n\r\n" },
        { "extensions and trailers", Post(Chunked, "5;a=\"b c\"\r\nhello\r\n0\r\nX: y\r\n\r\n"), "hello" },
        { "trailers that say something else", Post(Chunked, "0\r\nContent-Length: 100\r\nTransfer-Encoding: x\r\n\r\n"), "" },
        { "an upgrade to something else", Get("Upgrade: h2c\r\nConnection: Upgrade\r\n"), "GET /a" },
        { "obs-text", Get("X: \u00e9\r\n"), "GET /a" },
        { "tabs around a value", Get("X:\t \ta\t \r\n"), "GET /a" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_could_be_read_in_two_ways_is_refused_and_what_follows_is_never_read(string name, string request, int status)
    {
        Assert.NotEmpty(name);
        var smuggled = 0;
        await using var server = await StartServerAsync(map: server => Map(server, () => smuggled++));
        foreach (var pieceSize in new[] { int.MaxValue, request.Length > 5_000 ? 97 : 1 })
        {
            await using var client = await server.ConnectAsync();
            await SendAsync(client, request + Smuggled, pieceSize);
            var response = await client.ReadResponseAsync();

            Assert.Equal(status, response.Status);
            Assert.True(response.Closes || response.Field("Connection") is "close, Upgrade", response.Head);
            Assert.NotEmpty(response.Content);
            Assert.True(await client.IsAtEndAsync());
        }

        Assert.Equal(0, smuggled);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task What_can_be_read_in_one_way_only_is_answered_and_what_follows_too(string name, string request, string answer)
    {
        Assert.NotEmpty(name);
        var next = 0;
        await using var server = await StartServerAsync(map: server => Map(server, () => next++));
        foreach (var pieceSize in new[] { int.MaxValue, 1 })
        {
            await using var client = await server.ConnectAsync();
            await SendAsync(client, request + Smuggled, pieceSize);
            var response = await client.ReadResponseAsync();

            Assert.Equal((200, answer), (response.Status, response.Text));
            Assert.False(response.Closes);
            Assert.Equal("smuggled", (await client.ReadResponseAsync()).Text);
            Assert.True(await client.IsAtEndAsync());
        }

        Assert.Equal(2, next);
        Assert.Empty(server.Log.AboveDebug);
    }

    private static string Get(string fields) => $"GET /a HTTP/1.1\r\n{Host}{fields}\r\n";

    private static string Post(string fields, string body) => $"POST /body HTTP/1.1\r\n{Host}{fields}\r\n{body}";

    private static void Map(WebSocketServer server, Action onSmuggled)
    {
        server.MapGet("/a", (request, _) => new(HttpResponse.Text($"{request.Method} {request.Path}")));
        server.MapHttp("/body", new HttpRoute(async (request, cancellationToken) => HttpResponse.Bytes(await request.ReadBodyAsync(cancellationToken), "text/plain"))
        {
            Methods = ["POST"],
            MaxBodySize = 64,
        });
        server.MapGet("/smuggled", (_, _) =>
        {
            onSmuggled();
            return new(HttpResponse.Text("smuggled"));
        });
    }

    private static async Task SendAsync(WireClient client, string text, int pieceSize)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var start = 0; start < bytes.Length; start += Math.Min(pieceSize, bytes.Length))
            await client.SendAsync(bytes[start..(int)Math.Min(bytes.Length, (long)start + pieceSize)]);
    }
}
