using RawWs.Host.Tests.Scenarios;

namespace RawWs.Host.Tests;

/// <summary>What pages of other hosts learn from <c>rawws</c>: a browser lets them read what has an <c>Access-Control-Allow-Origin</c>.</summary>
public sealed class CrossOriginTests
{
    private static readonly string[] Paths = ["/", "/chat/app.js", "/healthz", "/readyz", "/metrics", "/_rawws", "/echo", "/nowhere"];

    [Fact]
    public async Task Nothing_of_the_server_is_for_other_pages_to_read()
    {
        await using var server = await ScenarioServer.StartAsync(isTls: false);
        foreach (var (method, path) in Paths.SelectMany(path => new[] { ("GET", path), ("OPTIONS", path) }))
        {
            await using var client = await server.ConnectAsync();
            await client.SendAsync(
                $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x\r\nConnection: close\r\n\r\n");

            var response = await client.ReadResponseAsync();

            Assert.DoesNotContain("Access-Control-", response.Head, StringComparison.OrdinalIgnoreCase);
            Assert.True(method == "GET" || response.Status >= 400, $"{method} {path}: {response.Head}");
        }
    }
}
