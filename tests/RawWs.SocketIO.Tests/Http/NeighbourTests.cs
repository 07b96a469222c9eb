using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Http;

/// <summary>A server that serves other things as well: a page, and on every other path WebSockets only.</summary>
public sealed class NeighbourTests
{
    [Theory]
    [InlineData("/hello", 200)]
    [InlineData("/socket.io?EIO=4&transport=polling", 426)]
    [InlineData("/socket.iox/?EIO=4&transport=polling", 426)]
    [InlineData("/x/socket.io/?EIO=4&transport=polling", 426)]
    [InlineData("/socket.io/?EIO=4&transport=polling", 200)]
    [InlineData("/socket.io/x?EIO=4&transport=polling", 200)]
    public async Task Only_what_is_below_its_path_is_taken(string path, int status)
    {
        await using var server = await StartAsync();
        await using var client = new EngineClient(server);

        Assert.Equal(status, (await client.GetAsync(path)).Status);
    }

    [Fact]
    public async Task WebSockets_of_other_paths_are_those_of_others()
    {
        await using var server = await StartAsync();
        await using var echo = await server.OpenAsync();
        await using var client = new EngineClient(server);
        await client.OpenWebSocketAsync();

        await echo.SendAsync(WireFrame.MaskedText("4hello"));

        Assert.Equal("4hello", (await echo.ReadFrameAsync()).Text);
        Assert.StartsWith("0{", await client.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_response_has_the_headers_for_other_origins()
    {
        await using var server = await StartAsync(new() { Cors = new CorsPolicy { Origins = ["*"], ExposedHeaders = ["X-One"] } });
        await using var client = new EngineClient(server);
        await client.BeginPollingAsync();

        var heads = new List<string>
        {
            (await client.RequestAsync("GET", "EIO=4&transport=polling")).Head,
            (await client.RequestAsync("POST", client.SessionQuery, "40")).Head,
            (await client.RequestAsync("GET", client.SessionQuery)).Head,
            (await client.RequestAsync("PUT", client.SessionQuery)).Head,
            (await client.RequestAsync("GET", "EIO=4")).Head,
            await client.ConnectRaw().OpenAsync(path: "/socket.io/?EIO=4&transport=websocket"),
        };

        Assert.All(heads, head => Assert.Contains("\r\nAccess-Control-Allow-Origin: *\r\n", head, StringComparison.Ordinal));
        Assert.All(heads, head => Assert.Contains("\r\nAccess-Control-Expose-Headers: X-One\r\n", head, StringComparison.Ordinal));
    }

    private static Task<TestServer> StartAsync(SocketIOServerOptions? options = null) => TestServer.StartAsync(map: core =>
    {
        _ = new SocketIOServer(core, options);
        core.MapGet("/hello", (_, _) => new(HttpResponse.Text("hello")));
    });
}
