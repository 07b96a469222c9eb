using RawWs.Server;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class RoutesTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a", "/*")]
    [InlineData("/rooms", "/*")]
    [InlineData("/rooms/", "/*")]
    [InlineData("/rooms/a", "/rooms/*")]
    [InlineData("/rooms/a/", "/rooms/*")]
    [InlineData("/rooms/a/b", "/rooms/*")]
    [InlineData("/rooms//", "/rooms/*")]
    [InlineData("/rooms/exact", "/rooms/exact")]
    [InlineData("/rooms/exact/", "/rooms/*")]
    [InlineData("/rooms/exactly", "/rooms/*")]
    [InlineData("/rooms/big", "/rooms/*")]
    [InlineData("/rooms/big/", "/rooms/*")]
    [InlineData("/rooms/big/one", "/rooms/big/*")]
    [InlineData("/rooms/big/one/of/many", "/rooms/big/*")]
    [InlineData("/rooms/BIG/one", "/rooms/*")]
    [InlineData("/moors/a", "/*")]
    public void The_longest_prefix_serves_and_an_exact_path_before_it(string path, string route)
        => Assert.Equal(route, NameOf(Map("/", "/*", "/rooms/*", "/rooms/big/*", "/rooms/exact", "*").Find(path)));

    [Theory]
    [InlineData("/rooms", "*")]
    [InlineData("/rooms/", "*")]
    [InlineData("/rooms/a", "/rooms/*")]
    [InlineData("/", "*")]
    public void Any_path_comes_last(string path, string route) => Assert.Equal(route, NameOf(Map("*", "/rooms/*").Find(path)));

    [Fact]
    public void What_nothing_serves_is_not_found()
    {
        var routes = Map("/rooms/*", "/echo");

        Assert.Null(routes.Find("/rooms/"));
        Assert.Null(routes.Find("/echo/"));
        Assert.Null(routes.Find("/"));
        Assert.False(routes.IsEmpty);
        Assert.True(new Routes<Func<WebSocketConnection, CancellationToken, Task>>().IsEmpty);
        Assert.False(Map("/a/*").IsEmpty);
    }

    [Theory]
    [InlineData("/*/a")]
    [InlineData("/a*")]
    [InlineData("/a/**")]
    [InlineData("/*/*")]
    [InlineData("a/*")]
    [InlineData("*/")]
    [InlineData("*/*")]
    [InlineData("**")]
    [InlineData("/a?b/*")]
    [InlineData("/a#b/*")]
    public void A_star_stands_nowhere_else(string path)
    {
        var error = Assert.Throws<ArgumentException>(nameof(path), () => Map(path));
        Assert.Contains("'/rooms/*'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefix_is_mapped_once_beside_the_exact_path()
    {
        var routes = Map("/a", "/a/", "/a/*");
        Assert.Throws<ArgumentException>(() => routes.Add("/a/*", TestServer.EchoAsync));
    }

    [Fact]
    public void Finding_does_not_allocate()
    {
        var routes = Map("/rooms/*", "/rooms/big/*", "*");
        var path = "/rooms/" + new string('/', 8_000);
        routes.Find(path);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 100; count++)
            routes.Find(path);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task A_session_below_a_prefix_sees_the_whole_path()
    {
        var transport = new InMemoryTransport();
        await using var server = new WebSocketServer(new() { EndPoints = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0)], Transport = transport });
        server.Map("/rooms/*", async (connection, cancellationToken) => await connection.SendAsync(connection.Path, cancellationToken: cancellationToken));
        await server.StartAsync();

        await using var inside = transport.Connect();
        await inside.OpenAsync(path: "/rooms/lobby/north");
        Assert.Equal("/rooms/lobby/north", (await inside.ReadFrameAsync()).Text);

        await using var outside = transport.Connect();
        await outside.SendAsync(WireClient.Handshake.Replace("/echo", "/rooms/", StringComparison.Ordinal) + "\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", await outside.ReadHeadAsync(), StringComparison.Ordinal);
        inside.Abort();
        outside.Abort();
    }

    private static Routes<Func<WebSocketConnection, CancellationToken, Task>> Map(params string[] paths)
    {
        var routes = new Routes<Func<WebSocketConnection, CancellationToken, Task>>();
        foreach (var path in paths)
            routes.Add(path, (_, _) => Task.FromResult(path));

        return routes;
    }

    private static string? NameOf(Func<WebSocketConnection, CancellationToken, Task>? session)
        => (session?.Invoke(null!, CancellationToken.None) as Task<string>)?.Result;
}
