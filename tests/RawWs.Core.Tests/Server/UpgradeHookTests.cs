using System.Net;
using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class UpgradeHookTests
{
    [Fact]
    public async Task The_hook_sees_everything_about_the_request()
    {
        UpgradeRequest? seen = null;
        await using var server = await TestServer.StartAsync(configure: options => options.OnUpgrade = (request, _) =>
        {
            seen = request;
            return new(UpgradeResponse.Accept());
        });
        await using var client = server.Connect();

        await client.SendAsync(
            WireClient.Handshake.Replace("/echo", "/caf%C3%A9/a%2Fb?name=J%C3%B6rg+M&empty&x=1&x=2", StringComparison.Ordinal)
            + "Origin: https://page.example\r\nX-Twice: one\r\nx-twice: \u00e9\r\nCookie: a=1; token=\"quoted\"\r\nCookie: late=2\r\n"
            + "Sec-WebSocket-Protocol: b, a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Null(seen);

        await using var second = server.Connect();
        await second.SendAsync(
            WireClient.Handshake.Replace("/echo", "/caf%C3%A9/a%2Fb?name=J%C3%B6rg+M&empty&x=1&x=2", StringComparison.Ordinal)
            + "Origin: http://localhost\r\nX-Twice: one\r\nx-twice: \u00e9\r\nCookie: a=1; token=\"quoted\"\r\nCookie: late=2; begun=\"b; ended=e\"; mark=\"; marks=\"\"; none=\r\n"
            + "Sec-WebSocket-Protocol: b, a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", await second.ReadHeadAsync(), StringComparison.Ordinal);

        Assert.NotNull(seen);
        Assert.Equal(("/café/a%2Fb", "name=J%C3%B6rg+M&empty&x=1&x=2"), (seen.Path, seen.Query));
        Assert.Equal(("Jörg M", "", "1", null), (seen.GetQueryValue("name"), seen.GetQueryValue("empty"), seen.GetQueryValue("x"), seen.GetQueryValue("y")));
        Assert.Equal(("localhost", "http://localhost"), (seen.Host, seen.Origin));
        Assert.Equal(("one", "one", null), (seen.GetHeader("x-twice"), seen.GetHeader("X-TWICE"), seen.GetHeader("X-None")));
        Assert.Equal(["one", "é"], seen.Headers.Where(header => header.Key.Equals("X-Twice", StringComparison.OrdinalIgnoreCase)).Select(header => header.Value));
        Assert.Equal(("1", "quoted", "2", null), (seen.GetCookie("a"), seen.GetCookie("token"), seen.GetCookie("late"), seen.GetCookie("A")));
        Assert.Equal(("\"b", "e\"", "\"", "", ""), (seen.GetCookie("begun"), seen.GetCookie("ended"), seen.GetCookie("mark"), seen.GetCookie("marks"), seen.GetCookie("none")));
        Assert.Equal(["b", "a"], seen.Subprotocols);
        Assert.Equal(InMemoryConnection.ClientEndPoint, seen.RemoteEndPoint);
        Assert.Null(seen.Tls);
    }

    [Fact]
    public async Task The_hook_accepts_with_a_subprotocol_headers_and_a_state()
    {
        var state = new object();
        var found = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(
            (connection, _) =>
            {
                found.SetResult(connection);
                return Task.CompletedTask;
            },
            options =>
            {
                options.Subprotocols.Add("preferred");
                options.OnUpgrade = async (_, _) =>
                {
                    await Task.Yield();
                    return UpgradeResponse.Accept("chosen", new() { { "Set-Cookie", "a=1" }, { "Set-Cookie", "b=2" } }, state);
                };
            });
        await using var client = server.Connect();

        var head = await client.OpenAsync("Sec-WebSocket-Protocol: preferred, chosen\r\n", "/room?who=me");

        Assert.Contains("\r\nSec-WebSocket-Protocol: chosen\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n", head, StringComparison.Ordinal);
        var connection = await found.Task;
        Assert.Same(state, connection.UserState);
        Assert.Equal(("/room", "who=me", "chosen"), (connection.Path, connection.Query, connection.Subprotocol));
        Assert.Equal(InMemoryConnection.ClientEndPoint, connection.RemoteEndPoint);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(599)]
    public async Task The_hook_refuses(int status)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.OnUpgrade = (_, _) =>
            new(UpgradeResponse.Refuse((HttpStatusCode)status, "näher erklärt", new() { { "X-Why", "because" } })));
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake + "\r\n");
        var response = Encoding.UTF8.GetString(await client.ReadToEndAsync());

        Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Why: because\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 15\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nnäher erklärt", response, StringComparison.Ordinal);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(200)]
    [InlineData(299)]
    [InlineData(600)]
    public void A_refusal_has_a_status_that_refuses(int status)
        => Assert.Throws<ArgumentOutOfRangeException>(nameof(status), () => UpgradeResponse.Refuse((HttpStatusCode)status));

    [Theory]
    [InlineData("throws")]
    [InlineData("throws at once")]
    [InlineData("cancels itself")]
    [InlineData("null")]
    [InlineData("not offered")]
    public async Task A_hook_that_fails_is_answered_with_500_logged_counted_and_touches_nobody_else(string way)
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.OnUpgrade = async (request, _) =>
        {
            if (request.Path == "/good")
                return UpgradeResponse.Accept();

            if (way != "throws at once")
                await Task.Yield();

            return way switch
            {
                "null" => null!,
                "not offered" => UpgradeResponse.Accept("never-offered"),
                "cancels itself" => throw new OperationCanceledException(),
                _ => throw new InvalidOperationException("a secret of the hook"),
            };
        }));
        using var _ = metrics;
        await using var __ = server;
        await using var bystander = server.Connect();
        await bystander.OpenAsync(path: "/good");
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake + "Sec-WebSocket-Protocol: offered\r\n\r\n");
        var response = Encoding.ASCII.GetString(await client.ReadToEndAsync());

        Assert.StartsWith("HTTP/1.1 500 ", response, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", response, StringComparison.Ordinal);
        Assert.Single(server.Log.AboveDebug);
        Assert.Equal((1, 1, 1), (metrics["rawws.session.errors"], metrics["rawws.handshakes 500"], metrics["rawws.handshakes 101"]));
        await bystander.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await bystander.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_path_with_a_hook_of_its_own_asks_that_one_and_no_other_path_does()
    {
        var asked = new List<string>();
        await using var server = await TestServer.StartAsync(
            configure: options => options.OnUpgrade = (request, _) =>
            {
                asked.Add("all: " + request.Path);
                return new(UpgradeResponse.Accept());
            },
            map: server => server.Map("/guarded", TestServer.EchoAsync, (request, _) =>
            {
                asked.Add("own: " + request.Path);
                return new(request.GetHeader("X-Key") == "right" ? UpgradeResponse.Accept() : UpgradeResponse.Refuse(System.Net.HttpStatusCode.NotFound));
            }));

        await using var refused = server.Connect();
        await refused.SendAsync(HandshakeFor("/guarded"));
        Assert.StartsWith("HTTP/1.1 404 ", await refused.ReadHeadAsync(), StringComparison.Ordinal);
        await using var admitted = server.Connect();
        await admitted.OpenAsync("X-Key: right\r\n", "/guarded");
        await using var elsewhere = server.Connect();
        await elsewhere.OpenAsync(path: "/echo");

        Assert.Equal(["own: /guarded", "own: /guarded", "all: /echo"], asked);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_slow_hook_of_a_path_is_told_by_its_token_too()
    {
        var isAsked = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: server => server.Map("/slow", TestServer.EchoAsync, async (_, cancellationToken) =>
        {
            isAsked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return UpgradeResponse.Accept();
        }));
        await using var client = server.Connect();

        await client.SendAsync(HandshakeFor("/slow"));
        await isAsked.Task;
        server.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\r\nX: y")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_subprotocol_that_is_no_token_is_refused_before_it_is_sent(string subprotocol)
        => Assert.Throws<ArgumentException>(nameof(subprotocol), () => UpgradeResponse.Accept(subprotocol));

    [Fact]
    public async Task A_slow_hook_is_told_by_its_token_and_the_client_gets_503()
    {
        var isAsked = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(configure: options => options.OnUpgrade = async (_, cancellationToken) =>
        {
            isAsked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return UpgradeResponse.Accept();
        });
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake + "\r\n");
        var response = client.ReadToEndAsync();
        await isAsked.Task;
        server.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(response.IsCompleted);
        server.Time.Advance(TimeSpan.FromSeconds(2));

        var text = Encoding.ASCII.GetString(await response);
        Assert.StartsWith("HTTP/1.1 503 ", text, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 5\r\n", text, StringComparison.Ordinal);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task What_a_hook_has_registered_on_its_token_and_fails_is_logged_and_touches_nobody_else()
    {
        var isAsked = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(configure: options => options.OnUpgrade = async (_, cancellationToken) =>
        {
            cancellationToken.Register(static () => throw new InvalidDataException("of the hook"));
            isAsked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return UpgradeResponse.Accept();
        });
        await using var client = server.Connect();
        await client.SendAsync(WireClient.Handshake + "\r\n");
        var response = client.ReadToEndAsync();
        await isAsked.Task;
        server.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.StartsWith("HTTP/1.1 503 ", Encoding.ASCII.GetString(await response), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => server.Log.AboveDebug.Any(static line => line.Contains("a handler of its ending token failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_hook_that_ignores_its_token_is_aborted_and_its_late_answer_has_no_effect()
    {
        var isAsked = new TaskCompletionSource();
        var late = new TaskCompletionSource<UpgradeResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(
            (_, _) => throw new InvalidOperationException("there is no session"),
            options => options.OnUpgrade = (_, _) =>
            {
                isAsked.SetResult();
                return new(late.Task);
            });
        await using var client = server.Connect();

        await client.SendAsync(WireClient.Handshake + "\r\n");
        await isAsked.Task;
        server.Time.Advance(TimeSpan.FromSeconds(17));
        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadToEndAsync());

        late.SetResult(UpgradeResponse.Accept());
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    private static string HandshakeFor(string path) => WireClient.Handshake.Replace("/echo", path, StringComparison.Ordinal) + "\r\n";
}
