using System.Globalization;
using System.Net;
using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class HandshakeTests
{
    private const string RequestLine = "GET /echo HTTP/1.1\r\n";
    private const string Host = "Host: localhost\r\n";
    private const string Upgrade = "Upgrade: websocket\r\n";
    private const string Connection = "Connection: Upgrade\r\n";
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private const string Version = "Sec-WebSocket-Version: 13\r\n";

    [Theory]
    [InlineData(RequestLine, "POST /echo HTTP/1.1\r\n", 405)]
    [InlineData(RequestLine, "OPTIONS /echo HTTP/1.1\r\n", 405)]
    [InlineData(RequestLine, "get /echo HTTP/1.1\r\n", 405)]
    [InlineData(RequestLine, "GET /echo HTTP/1.0\r\n", 505)]
    [InlineData(RequestLine, "GET /echo HTTP/2.0\r\n", 505)]
    [InlineData(RequestLine, "GET /echo http/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET /echo\r\n", 400)]
    [InlineData(RequestLine, "GET  /echo HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET /ec ho HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET * HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET ../echo HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET /../echo HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET /%2e%2e/echo HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET /%zz HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET /%00 HTTP/1.1\r\n", 400)]
    [InlineData(RequestLine, "GET /echo HTTP/1.1\n", 400)]
    [InlineData(RequestLine, "\u0016\u0003\u0001\u0002\u0000\u0001\u0000", 400)]
    [InlineData(Host, "", 400)]
    [InlineData(Host, Host + Host, 400)]
    [InlineData(Host, "Host: a b\r\n", 400)]
    [InlineData(Upgrade, "", 426)]
    [InlineData(Upgrade, "Upgrade: h2c\r\n", 426)]
    [InlineData(Connection, "", 400)]
    [InlineData(Connection, "Connection: keep-alive\r\n", 400)]
    [InlineData(Key, "", 400)]
    [InlineData(Key, Key + Key, 400)]
    [InlineData(Key, "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n", 400)]
    [InlineData(Key, "Sec-WebSocket-Key: not base64 at all!!!!!\r\n", 400)]
    [InlineData(Version, "", 426)]
    [InlineData(Version, "Sec-WebSocket-Version: 8\r\n", 426)]
    [InlineData(Version, "Sec-WebSocket-Version: 14\r\n", 426)]
    [InlineData(Version, Version + Version, 400)]
    [InlineData(Version, Version + "Content-Length: 5\r\n", 400)]
    [InlineData(Version, Version + "Content-Length: 0\r\nContent-Length: 5\r\n", 400)]
    [InlineData(Version, Version + "Transfer-Encoding: chunked\r\n", 400)]
    [InlineData(Version, Version + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", 400)]
    [InlineData(Version, Version + "X-Bare: a\nb\r\n", 400)]
    [InlineData(Version, Version + "X-Bare: a\rb\r\n", 400)]
    [InlineData(Version, Version + "X-Nul: a\0b\r\n", 400)]
    [InlineData(Version, Version + "X-Folded: a\r\n b\r\n", 400)]
    [InlineData(Version, Version + "X-Space : a\r\n", 400)]
    [InlineData(Version, Version + ": a\r\n", 400)]
    [InlineData(Version, Version + "no colon\r\n", 400)]
    [InlineData(Version, Version + "Sec-WebSocket-Protocol: a b\r\n", 400)]
    [InlineData(Version, Version + "Sec-WebSocket-Protocol: a, a\r\n", 400)]
    [InlineData(Version, Version + "Cookie: user=1\r\nOrigin: https://evil.example\r\n", 403)]
    public async Task A_bad_handshake_is_answered_with_its_status_and_closed(string part, string replacement, int status)
    {
        await using var server = await TestServer.StartAsync((_, _) => throw new InvalidOperationException("there is no session"));
        await using var client = server.Connect();

        await client.SendAsync((WireClient.Handshake + "\r\n").Replace(part, replacement, StringComparison.Ordinal));

        AssertRefusal(Encoding.Latin1.GetString(await client.ReadToEndAsync()), status);
        client.EndSending();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    // What a proxy would take for the tunnel that it was about to open is never looked at.
    // RFC 9110 §9.3.2.
    [Theory]
    [InlineData("HEAD /echo HTTP/1.1\r\nHost: localhost\r\n\r\n", 405)]
    [InlineData("HEAD /echo HTTP/1.1\r\n\r\n", 400)]
    public async Task A_refusal_of_HEAD_has_no_content(string request, int status)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();

        await client.SendAsync(request);

        var response = await client.ReadResponseAsync(isHead: true);
        Assert.Equal((status, true), (response.Status, response.Closes));
        Assert.NotEqual("0", response.Field("Content-Length"));
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task What_follows_a_refused_handshake_is_discarded()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();
        var refused = WireClient.Handshake.Replace(Version, "Sec-WebSocket-Version: 1\r\n", StringComparison.Ordinal) + "\r\n";

        await client.SendAsync(
            [.. Encoding.ASCII.GetBytes(refused), .. Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n"), .. WireFrame.MaskedText("smuggled")]);

        AssertRefusal(Encoding.ASCII.GetString(await client.ReadToEndAsync()), 426);
    }

    [Theory]
    [InlineData(426, "\r\nUpgrade: websocket\r\n")]
    [InlineData(426, "\r\nSec-WebSocket-Version: 13\r\n")]
    [InlineData(405, "\r\nAllow: GET\r\n")]
    public async Task A_refusal_says_what_would_be_right(int status, string field)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake.Replace("GET", status == 405 ? "PUT" : "GET", StringComparison.Ordinal)
            .Replace(Version, status == 426 ? "Sec-WebSocket-Version: 99\r\n" : Version, StringComparison.Ordinal) + "\r\n");

        var response = Encoding.ASCII.GetString(await client.ReadToEndAsync());
        AssertRefusal(response, status);
        Assert.Contains(field, response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("path", 100, 101)]
    [InlineData("path", 101, 414)]
    [InlineData("head", 1000, 101)]
    [InlineData("head", 1001, 431)]
    [InlineData("count", 10, 101)]
    [InlineData("count", 11, 431)]
    public async Task Each_limit_of_a_head_is_exact(string what, int size, int status)
    {
        await using var server = await TestServer.StartAsync(
            configure: options => (options.MaxRequestLineSize, options.MaxRequestHeadSize, options.MaxHeaderCount) = (100, 1000, 10));
        await using var client = server.Connect();

        await client.SendAsync(what switch
        {
            "path" => (WireClient.Handshake + "\r\n").Replace("/echo", "/" + new string('x', size - "GET / HTTP/1.1".Length), StringComparison.Ordinal),
            "head" => WireClient.Handshake + "X: " + new string('x', size - WireClient.Handshake.Length - "X: \r\n\r\n".Length) + "\r\n\r\n",

            // The others come first: what counts last must not be overlooked.
            _ => RequestLine + string.Concat(Enumerable.Repeat("X: y\r\n", size - 5)) + WireClient.Handshake[RequestLine.Length..] + "\r\n",
        });

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_without_a_session_is_answered_with_404()
    {
        var transport = new InMemoryTransport();
        await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)], Transport = transport });
        server.Map("/echo", TestServer.EchoAsync);
        server.Map("/a b", TestServer.EchoAsync);
        await server.StartAsync();

        foreach (var (path, status) in new[] { ("/echo", 101), ("/Echo", 404), ("/echo/", 404), ("/", 404), ("/echo?x=/other", 101), ("/a%20b", 101) })
        {
            await using var client = transport.Connect();
            await client.SendAsync((WireClient.Handshake + "\r\n").Replace("/echo", path, StringComparison.Ordinal));
            Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
            client.Abort();
        }
    }

    [Theory]
    [InlineData(Upgrade, "Upgrade: WebSocket\r\n")]
    [InlineData(Upgrade, "Upgrade: h2c, websocket\r\n")]
    [InlineData(Upgrade, "Upgrade: h2c\r\nupgrade:websocket\r\n")]
    [InlineData(Connection, "Connection: keep-alive, Upgrade\r\n")]
    [InlineData(Connection, "Connection: keep-alive\r\nConnection: upgrade\r\n")]
    [InlineData(Connection, "CONNECTION:UPGRADE\r\n")]
    [InlineData(Connection, "Connection: close,\tupgrade ,\r\n")]
    [InlineData(RequestLine, "GET http://localhost/echo HTTP/1.1\r\n")]
    [InlineData(RequestLine, "\r\n" + RequestLine)]
    [InlineData(RequestLine, "GET /echo HTTP/1.2\r\n")]
    [InlineData(Host, "Host: [::1]:80\r\n")]
    [InlineData(Version, Version + "Content-Length: 0\r\n")]
    [InlineData(Version, Version + "Origin: https://anywhere.example\r\n")]
    [InlineData(Version, Version + "X-Latin: \u00e9\u00ff\r\n")]
    [InlineData(Version, Version + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, constructor, x\r\n")]
    public async Task A_good_handshake_in_any_dress_is_accepted(string part, string replacement)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();

        await client.SendAsync((WireClient.Handshake + "\r\n").Replace(part, replacement, StringComparison.Ordinal));

        Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            await client.ReadHeadAsync());
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
    }

    private static void AssertRefusal(string response, int status)
    {
        var headEnd = response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.True(headEnd > 4, "There is no head: " + response);
        var (head, body) = (response[..headEnd], response[headEnd..]);

        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Contains(status == 426 ? "\r\nConnection: close, Upgrade\r\n" : "\r\nConnection: close\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nDate: Tue, 01 Jan 2030 00:00:00 GMT\r\n", head, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"\r\nContent-Length: {body.Length}\r\n"), head, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Accept", head, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(body);
    }
}
