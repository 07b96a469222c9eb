using System.Net;
using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>Who gets to see the dashboard: for each row the page, a file of it and the WebSocket answer alike.</summary>
public sealed class DashboardAccessTests
{
    private const string Token = DashboardServer.Token;

    // The same for each token, so that a change of it is noticed: whoever has the cookie stays logged in.
    private const string Cookie = "rawws-dashboard=";

    /// <summary>Without a token: the peer, its Host, what else it sends, and the status.</summary>
    public static TheoryData<string, string, string, int> WithoutToken => new()
    {
        // Whoever is on this machine, under its own names.
        { "127.0.0.1", "localhost:3000", "", 200 },
        { "127.0.0.1", "127.0.0.1:3000", "", 200 },
        { "127.8.9.10", "LOCALHOST", "", 200 },
        { "::1", "[::1]:3000", "", 200 },
        { "::1", "[::1]", "", 200 },
        { "::ffff:127.0.0.1", "localhost:3000", "", 200 },

        // Another machine, and a Unix socket, which is where proxies connect.
        { "192.0.2.7", "localhost:3000", "", 404 },
        { "::ffff:192.0.2.7", "localhost:3000", "", 404 },
        { "2001:db8::1", "[::1]:3000", "", 404 },
        { "10.0.0.1", "10.0.0.2:3000", "", 404 },
        { "unix", "localhost", "", 404 },

        // A proxy on this machine.
        { "127.0.0.1", "localhost:3000", "X-Forwarded-For: 127.0.0.1", 404 },
        { "127.0.0.1", "localhost:3000", "x-forwarded-proto: https", 404 },
        { "127.0.0.1", "localhost:3000", "X-Forwarded-Host: localhost", 404 },
        { "127.0.0.1", "localhost:3000", "Forwarded: for=127.0.0.1", 404 },
        { "127.0.0.1", "localhost:3000", "X-Real-IP: 127.0.0.1", 404 },
        { "127.0.0.1", "localhost:3000", "Via: 1.1 proxy", 404 },
        { "127.0.0.1", "localhost:3000", "CF-Connecting-IP: 192.0.2.1", 404 },
        { "127.0.0.1", "localhost:3000", "X-Client-IP: 192.0.2.1", 404 },
        { "127.0.0.1", "localhost:3000", "true-client-ip: 192.0.2.1", 404 },

        // A name of somebody else's that leads here (DNS rebinding).
        { "127.0.0.1", "evil.example:3000", "", 403 },
        { "127.0.0.1", "localhost.evil.example:3000", "", 403 },
        { "127.0.0.1", "127.0.0.1.evil.example", "", 403 },
        { "127.0.0.1", "192.0.2.7:3000", "", 403 },
        { "127.0.0.1", "0.0.0.0:3000", "", 403 },
        { "127.0.0.1", "evil.example:3000", "Origin: http://evil.example:3000", 403 },

        // Pages of our own, and of others.
        { "127.0.0.1", "localhost:3000", "Origin: http://localhost:3000", 200 },
        { "127.0.0.1", "localhost:80", "Origin: http://localhost", 200 },
        { "::1", "[::1]:3000", "Origin: http://[::1]:3000", 200 },
        { "127.0.0.1", "localhost:3000", "Origin: http://localhost:3001", 403 },
        { "127.0.0.1", "localhost:3000", "Origin: http://127.0.0.1:3000", 403 },
        { "127.0.0.1", "localhost:3000", "Origin: http://evil.example", 403 },
        { "127.0.0.1", "localhost:3000", "Origin: http://localhost:3000.evil.example", 403 },
        { "127.0.0.1", "localhost:3000", "Origin: null", 403 },
        { "127.0.0.1", "localhost:3000", "Origin: file://", 403 },

        // A token opens nothing where there is none.
        { "192.0.2.7", "localhost:3000", $"Authorization: Bearer {Token}", 404 },
        { "192.0.2.7", "localhost:3000", $"Cookie: {Cookie}", 404 },
    };

    /// <summary>With a token: the same.</summary>
    public static TheoryData<string, string, string, int> WithToken => new()
    {
        // Whoever knows it, from wherever, through whatever, under any name.
        { "127.0.0.1", "localhost:3000", $"Authorization: Bearer {Token}", 200 },
        { "192.0.2.7", "example.com", $"Authorization: Bearer {Token}", 200 },
        { "192.0.2.7", "example.com", $"authorization: bearer  {Token} ", 200 },
        { "unix", "example.com", $"Authorization: Bearer {Token}", 200 },
        { "127.0.0.1", "example.com", $"Authorization: Bearer {Token}\r\nX-Forwarded-For: 192.0.2.7", 200 },
        { "192.0.2.7", "example.com", "{cookie}", 200 },
        { "192.0.2.7", "example.com", "{cookie}\r\nOrigin: https://example.com", 200 },
        { "192.0.2.7", "example.com:3000", "{cookie}\r\nOrigin: http://example.com:3000", 200 },

        // This machine too: a proxy on it may add no header.
        { "127.0.0.1", "localhost:3000", "", 401 },
        { "::1", "[::1]:3000", "", 401 },
        { "192.0.2.7", "example.com", "", 401 },
        { "unix", "localhost", "", 401 },

        // What is not it.
        { "192.0.2.7", "example.com", "Authorization: Bearer 0123456789abcdef+/=&$", 401 },
        { "192.0.2.7", "example.com", $"Authorization: Bearer {Token}x", 401 },
        { "192.0.2.7", "example.com", "Authorization: Bearer 0123456789abcdef", 401 },
        { "192.0.2.7", "example.com", "Authorization: Bearer", 401 },
        { "192.0.2.7", "example.com", $"Authorization: Basic {Token}", 401 },
        { "192.0.2.7", "example.com", $"Authorization: {Token}", 401 },
        { "192.0.2.7", "example.com", $"Cookie: {Cookie}", 401 },
        { "192.0.2.7", "example.com", $"Cookie: {Cookie}{Token}", 401 },
        { "192.0.2.7", "example.com", "Cookie: rawws-dashboard=00000000000000000000000000000000000000000000000000000000000000ff", 401 },
        { "192.0.2.7", "example.com", "{cookie of another token}", 401 },
        { "127.0.0.1", "localhost:3000", "Origin: http://localhost:3000", 401 },

        // Other people's pages in the browser of somebody who is logged in.
        { "192.0.2.7", "example.com", "{cookie}\r\nOrigin: https://evil.example", 403 },
        { "192.0.2.7", "example.com", "{cookie}\r\nOrigin: https://example.com:8443", 403 },
        { "192.0.2.7", "example.com", "{cookie}\r\nOrigin: https://sub.example.com", 403 },
        { "192.0.2.7", "example.com", "{cookie}\r\nOrigin: null", 403 },
        { "192.0.2.7", "example.com", $"Authorization: Bearer {Token}\r\nOrigin: https://evil.example", 403 },
    };

    [Theory]
    [MemberData(nameof(WithoutToken))]
    public async Task Without_a_token_it_is_for_this_machine(string peer, string host, string headers, int status)
    {
        await using var server = await DashboardServer.StartAsync(token: null);
        await AssertAnswersAsync(server, peer, host, headers, status);
    }

    [Theory]
    [MemberData(nameof(WithToken))]
    public async Task With_a_token_it_is_for_whoever_knows_it(string peer, string host, string headers, int status)
    {
        await using var server = await DashboardServer.StartAsync(Token);
        await AssertAnswersAsync(server, peer, host, headers, status);
    }

    [Theory]
    [InlineData("GET", "/_rawws")]
    [InlineData("POST", "/_rawws")]
    [InlineData("GET", "/_rawws/app.js")]
    [InlineData("GET", "/_rawws/login.css")]
    public async Task Another_machine_is_not_told_that_there_is_a_dashboard(string method, string path)
    {
        await using var server = await DashboardServer.StartAsync(token: null);
        await using var client = server.ConnectFrom(EndPointOf("192.0.2.7"));

        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(404, (await client.ReadResponseAsync()).Status);
    }

    // Where TLS is spoken a page that came without it may be anybody's; where it is not, a proxy may speak it.
    [Theory]
    [InlineData("https://example.com", true, true)]
    [InlineData("https://example.com", false, true)]
    [InlineData("http://example.com", true, false)]
    [InlineData("http://example.com", false, true)]
    [InlineData("ws://example.com", false, false)]
    public void A_page_without_TLS_is_of_another_origin_than_a_server_with_it(string origin, bool isSecure, bool isSame)
        => Assert.Equal(isSame, DashboardAccess.IsSameOrigin(origin, "example.com", isSecure));

    [Fact]
    public async Task Over_real_sockets_it_is_the_same()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var closed = await RawwsProcess.StartAsync("--port", "0", "--dashboard-token", Token);
        await using var off = await RawwsProcess.StartAsync("--port", "0", "--no-dashboard");
        (RawwsProcess Server, string Headers, int Status)[] rows =
        [
            (rawws, "", 200), (rawws, "X-Forwarded-For: 192.0.2.1\r\n", 404), (rawws, "Origin: http://evil.example\r\n", 403),
            (closed, "", 401), (closed, $"Authorization: Bearer {Token}\r\n", 200), (off, "", 404), (off, $"Authorization: Bearer {Token}\r\n", 404),
        ];

        foreach (var (server, headers, status) in rows)
        {
            foreach (var upgrade in (string[])["", Upgrade])
            {
                await using var client = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Url.Port));
                await client.SendAsync($"GET /_rawws HTTP/1.1\r\nHost: localhost:{server.Url.Port}\r\n{headers}{upgrade}\r\n");
                Assert.Equal((headers, upgrade, Expected(status, upgrade)), (headers, upgrade, StatusOf(await client.ReadHeadAsync())));
            }
        }
    }

    // The client that the PROXY protocol does not name counts as the proxy, which is on this machine.
    [Theory]
    [InlineData("", "--trust-proxy", "192.0.2.0/24")]
    [InlineData("", "--trust-proxy", "loopback")]
    [InlineData("PROXY UNKNOWN\r\n", "--proxy-protocol", "--trust-proxy", "loopback")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", "--proxy-protocol", "--trust-proxy", "loopback")]
    public async Task Behind_a_proxy_there_is_none_without_a_token(string preamble, params string[] options)
    {
        await using var rawws = await RawwsProcess.StartAsync(["--port", "0", .. options]);
        await using var withToken = await RawwsProcess.StartAsync(["--port", "0", .. options, "--dashboard-token", Token]);

        foreach (var (server, status) in ((RawwsProcess, int)[])[(rawws, 404), (withToken, 200)])
        {
            foreach (var upgrade in (string[])["", Upgrade])
            {
                await using var client = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Url.Port));
                await client.SendAsync($"{preamble}GET /_rawws HTTP/1.1\r\nHost: localhost:{server.Url.Port}\r\nAuthorization: Bearer {Token}\r\n{upgrade}\r\n");
                Assert.Equal(Expected(status, upgrade), StatusOf(await client.ReadHeadAsync()));
            }
        }
    }

    private const string Upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

    private static async Task AssertAnswersAsync(DashboardServer server, string peer, string host, string headers, int status)
    {
        headers = headers
            .Replace("{cookie}", "Cookie: " + CookieOf(Token), StringComparison.Ordinal)
            .Replace("{cookie of another token}", "Cookie: " + CookieOf(Token + "x"), StringComparison.Ordinal);
        foreach (var (path, upgrade) in ((string, string)[])[("/_rawws", ""), ("/_rawws/app.js", ""), ("/_rawws", Upgrade)])
        {
            await using var client = server.ConnectFrom(EndPointOf(peer));
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n{(headers.Length > 0 ? headers + "\r\n" : "")}{upgrade}\r\n");
            var head = await client.ReadHeadAsync();

            Assert.Equal((path, upgrade, Expected(status, upgrade)), (path, upgrade, StatusOf(head)));
            if (status == 401)
                Assert.Contains("\r\nWWW-Authenticate: Bearer ", head, StringComparison.Ordinal);
        }
    }

    private static string CookieOf(string token) => new DashboardToken(token).ToSetCookie("/", isSecure: false).Split(';')[0];

    private static int Expected(int status, string upgrade) => status == 200 && upgrade.Length > 0 ? 101 : status;

    private static int StatusOf(string head) => int.Parse(head.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);

    private static IPEndPoint? EndPointOf(string peer) => peer == "unix" ? null : new IPEndPoint(IPAddress.Parse(peer), 50_000);
}
