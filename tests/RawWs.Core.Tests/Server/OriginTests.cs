using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class OriginTests
{
    // Cross-site WebSocket hijacking: a page elsewhere that uses the cookies of our user.
    [Theory]
    [InlineData("default", "https://evil.example", true, 403)]
    [InlineData("default", "https://evil.example", false, 101)]
    [InlineData("default", "null", true, 403)]
    [InlineData("default", "http://localhost", true, 101)]
    [InlineData("default", "https://localhost", true, 101)]
    [InlineData("default", "http://localhost:81", true, 403)]
    [InlineData("default", "ws://localhost", true, 101)]
    [InlineData("default", "wss://localhost:443", true, 101)]
    [InlineData("default", "wss://localhost:81", true, 403)]
    [InlineData("default", "wss://evil.example", true, 403)]
    [InlineData("default", "http://localhost.evil.example", true, 403)]
    [InlineData("default", null, true, 101)]
    [InlineData("same host", "https://evil.example", false, 403)]
    [InlineData("same host", null, false, 101)]
    [InlineData("any", "https://evil.example", true, 101)]
    [InlineData("listed", "https://good.example", true, 101)]
    [InlineData("listed", "https://a.good.example", true, 403)]
    [InlineData("listed", "https://b.c.sub.example", true, 101)]
    [InlineData("listed", "http://localhost", false, 403)]
    [InlineData("listed", null, true, 101)]
    public async Task A_policy_decides_about_a_pages_origin(string policy, string? origin, bool hasCookie, int status)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.OriginPolicy = policy switch
        {
            "default" => options.OriginPolicy,
            "same host" => OriginPolicy.SameHost,
            "any" => OriginPolicy.Any,
            _ => OriginPolicy.Allow("https://good.example", "https://*.sub.example"),
        });
        await using var client = server.Connect();

        await client.SendAsync(
            WireClient.Handshake + (origin is null ? "" : $"Origin: {origin}\r\n") + (hasCookie ? "Cookie: session=1\r\n" : "") + "\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData("Cookie: session=1\r\n", "Origin: https://evil.example\r\n")]
    [InlineData("Authorization: Basic dXNlcjpzZWNyZXQ=\r\n", "Origin: https://evil.example\r\n")]
    [InlineData("Origin: https://evil.example\r\n", "Cookie: session=1\r\n")]
    public async Task What_decides_may_come_before_all_else(string first, string last)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake.Replace("HTTP/1.1\r\n", $"HTTP/1.1\r\n{first}", StringComparison.Ordinal) + last + "\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    // A page can't set this header for a WebSocket: what is there is a password that the browser has kept, or the user's ticket (Basic, Negotiate), and it is sent for any page.
    [Theory]
    [InlineData("https://evil.example", "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n", 403)]
    [InlineData("null", "authorization: Negotiate YII=\r\n", 403)]
    [InlineData("http://localhost", "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n", 101)]
    [InlineData(null, "Authorization: Bearer token\r\n", 101)]
    public async Task What_browsers_add_by_themselves_is_like_a_cookie(string? origin, string header, int status)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake + (origin is null ? "" : $"Origin: {origin}\r\n") + header + "\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://localhost:8443", true)]
    [InlineData("wss://localhost:8443", true)]
    [InlineData("WSS://localhost:8443", true)]
    [InlineData("http://localhost:8443", false)]
    [InlineData("ws://localhost:8443", false)]
    [InlineData("wss://localhost", false)]
    public void Over_TLS_the_same_host_is_one_that_was_reached_over_TLS(string origin, bool isAllowed)
        => Assert.Equal(isAllowed, OriginPolicy.SameHost.Allows(origin, "localhost:8443", isSecure: true, hasCredentials: true));
}
