using System.Net;
using System.Net.Sockets;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Server;

/// <summary>Connections of a trusted proxy, whose requests are its clients'. In memory everybody comes from 192.0.2.7.</summary>
public sealed class ForwardingTests
{
    [Fact]
    public async Task Session_hook_and_log_see_the_client_and_can_see_the_proxy()
    {
        var seen = new TaskCompletionSource<(string?, string?, bool)>();
        (string?, string?, bool) asked = default;
        await using var server = await TestServer.StartAsync(
            (connection, _) =>
            {
                seen.SetResult(($"{connection.RemoteEndPoint}", $"{connection.PeerEndPoint}", connection.IsSecure));
                return Task.CompletedTask;
            },
            options =>
            {
                Trust(options);
                options.OnUpgrade = (request, _) =>
                {
                    asked = ($"{request.RemoteEndPoint}", $"{request.PeerEndPoint}", request.IsSecure);
                    return new(UpgradeResponse.Accept());
                };
            });
        await using var client = server.Connect();
        await client.OpenAsync("X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-Proto: https\r\n");

        var expected = ("203.0.113.9:0", $"{InMemoryConnection.ClientEndPoint}", true);
        Assert.Equal(expected, await seen.Task);
        Assert.Equal(expected, asked);
        Assert.Contains(server.Log.Entries, entry => entry.Message.EndsWith("opened on /echo from 203.0.113.9:0", StringComparison.Ordinal));
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n")]
    [InlineData("Forwarded: for=6.6.6.6;proto=https\r\n")]
    [InlineData("Forwarded: for=\"\r\n")]
    [InlineData("X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.7\r\n")]
    public async Task Who_is_not_trusted_is_who_it_is_whatever_it_says(string headers)
    {
        var seen = new TaskCompletionSource<(string?, bool)>();
        await using var server = await TestServer.StartAsync(
            (connection, _) =>
            {
                seen.SetResult(($"{connection.RemoteEndPoint}", connection.IsSecure));
                return Task.CompletedTask;
            },
            options => options.TrustedProxies.Add(IPNetwork.Parse("192.0.2.8/32")));
        await using var client = server.Connect();
        await client.OpenAsync(headers);

        Assert.Equal(($"{InMemoryConnection.ClientEndPoint}", false), await seen.Task);
    }

    [Theory]
    [InlineData("X-Forwarded-For: 203.0.113.9\r\nForwarded: for=6.6.6.6\r\n", "X-Forwarded-For and Forwarded name different clients")]
    [InlineData("Forwarded: for=\"6.6.6.6, for=203.0.113.9\r\n", "the Forwarded header is malformed")]
    public async Task What_can_be_read_in_two_ways_is_refused(string headers, string expected)
    {
        await using var server = await TestServer.StartAsync(configure: Trust);
        await using var client = server.Connect();
        await client.SendAsync(WireClient.Handshake + headers + "\r\n");

        var response = await client.ReadResponseAsync();
        Assert.StartsWith("HTTP/1.1 400 ", response.Head, StringComparison.Ordinal);
        Assert.Equal(expected, response.Text);
    }

    [Fact]
    public async Task Each_request_on_a_connection_has_its_own_client()
    {
        await using var server = await TestServer.StartAsync(configure: Trust, map: MapWhoAmI);
        await using var client = server.Connect();

        foreach (var (headers, expected) in new[]
        {
            ("X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9:0 False"),
            ("X-Forwarded-For: 203.0.113.10\r\nX-Forwarded-Proto: https\r\n", "203.0.113.10:0 True"),
            ("", "192.0.2.7:50000 False"),
            ("Forwarded: for=\"[2001:db8::9]:4711\";proto=https\r\n", "[2001:db8::9]:4711 True"),
        })
        {
            await client.SendAsync($"GET /who HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
            Assert.Equal(expected, (await client.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task The_limit_of_an_address_is_the_clients_and_not_the_proxys()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: TrustAndLimit, map: MapWhoAmI));
        using var probe = metrics;
        await using var stopping = server;
        var first = await OpenAsync(server, "203.0.113.9");
        await OpenAsync(server, "203.0.113.10");
        await AssertFullAsync(server, "203.0.113.9");
        Assert.Equal(1, probe["rawws.refusals address_full"]);

        // What the client writes does not move it to another address.
        await AssertFullAsync(server, "6.6.6.6, 203.0.113.9");

        // Whom the proxy does not name counts as the proxy.
        await OpenAsync(server, "unknown");
        await AssertFullAsync(server, "6.6.6.6, unknown");
        Assert.Equal(3, server.Server.Admission.Counts.Addresses);

        first.Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 2);
        await OpenAsync(server, "203.0.113.9");
        Assert.Equal(3, server.Server.Admission.Counts.Addresses);
    }

    // A proxy keeps its connections: one that waits for the next request is nobody's.
    [Fact]
    public async Task A_request_counts_for_its_client_until_it_has_been_answered()
    {
        var answer = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(configure: TrustAndLimit, map: server =>
        {
            MapWhoAmI(server);
            server.MapGet("/slow", async (_, _) =>
            {
                await answer.Task;
                return HttpResponse.Text("done");
            });
        });
        await using var kept = server.Connect();
        foreach (var address in new[] { "203.0.113.9", "203.0.113.9", "203.0.113.10" })
        {
            await kept.SendAsync($"GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n\r\n");
            Assert.Equal($"{address}:0 False", (await kept.ReadResponseAsync()).Text);
        }

        await Eventually.HoldsAsync(() => server.Server.Admission.Counts.Addresses == 0);
        await kept.SendAsync("GET /slow HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
        await Eventually.HoldsAsync(() => server.Server.Admission.Counts.Addresses == 1);
        await AssertFullAsync(server, "203.0.113.9");
        await (await OpenAsync(server, "203.0.113.10")).DisposeAsync();

        answer.SetResult();
        Assert.Equal("done", (await kept.ReadResponseAsync()).Text);
        await OpenAsync(server, "203.0.113.9");
    }

    [Fact]
    public async Task Counts_are_given_back_however_connections_end()
    {
        await using var server = await TestServer.StartAsync(configure: TrustAndLimit, map: MapWhoAmI);
        for (var number = 0; number < 20; number++)
        {
            await using var client = server.Connect();
            var request = (number % 4) switch
            {
                0 => WireClient.Handshake,
                1 => "GET /who HTTP/1.1\r\nHost: localhost\r\n",
                2 => "GET /who HTTP/1.1\r\n",
                _ => WireClient.Handshake.Replace("dGhl", "", StringComparison.Ordinal),
            };
            await client.SendAsync($"{request}X-Forwarded-For: 203.0.113.9\r\n\r\n");
            await client.ReadHeadAsync();
            client.Abort();
            await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
            Assert.Equal((0, 0, 0, 0), server.Server.Admission.Counts);
        }
    }

    [Fact]
    public async Task A_client_over_TLS_must_come_from_a_page_over_TLS()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            Trust(options);
            options.OriginPolicy = OriginPolicy.SameHost;
        });
        await using var plain = server.Connect();
        await plain.SendAsync(WireClient.Handshake + "Origin: http://localhost\r\nX-Forwarded-Proto: https\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await plain.ReadHeadAsync(), StringComparison.Ordinal);

        await using var secure = server.Connect();
        await secure.OpenAsync("Origin: https://localhost\r\nX-Forwarded-Proto: https\r\n");
    }

    [Theory]
    [InlineData(true, "203.0.113.9:0 True")]
    [InlineData(false, " False")]
    public async Task A_Unix_socket_is_trusted_only_if_that_is_said(bool isTrusted, string expected)
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix sockets.");
        foreach (var transport in new ITransport?[] { new SocketTransport(), null })
        {
            var folder = Directory.CreateTempSubdirectory("rawws-proxy-");
            try
            {
                var endPoint = new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "socket"));
                await using var server = new WebSocketServer(new() { EndPoints = [endPoint], TrustUnixSockets = isTrusted, Transport = transport });
                MapWhoAmI(server);
                await server.StartAsync();
                await using var client = await WireClient.ConnectAsync(endPoint);
                await client.SendAsync("GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n");
                Assert.EndsWith(expected, (await client.ReadResponseAsync()).Text, StringComparison.Ordinal);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    [Theory]
    [InlineData("192.0.2.0/24", true)]
    [InlineData("::ffff:192.0.2.0/120", true)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("192.0.2.8/32", false)]
    [InlineData("::/0", false)]
    public async Task A_network_of_IPv4_is_the_same_in_IPv6(string network, bool isTrusted)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.TrustedProxies.Add(IPNetwork.Parse(network)), map: MapWhoAmI);
        await using var client = server.Connect();
        await client.SendAsync("GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");

        Assert.Equal(isTrusted ? "203.0.113.9:0 False" : "192.0.2.7:50000 False", (await client.ReadResponseAsync()).Text);
    }

    private static void Trust(WebSocketServerOptions options) => options.TrustedProxies.Add(IPNetwork.Parse("192.0.2.7/32"));

    private static void TrustAndLimit(WebSocketServerOptions options)
    {
        Trust(options);
        options.MaxConnectionsPerAddress = 1;
    }

    private static void MapWhoAmI(WebSocketServer server)
        => server.MapGet("/who", (request, _) => new(HttpResponse.Text($"{request.RemoteEndPoint} {request.IsSecure}")));

    private static async Task<WireClient> OpenAsync(TestServer server, string forwardedFor)
    {
        var client = server.Connect();
        await client.OpenAsync($"X-Forwarded-For: {forwardedFor}\r\n");
        return client;
    }

    private static async Task AssertFullAsync(TestServer server, string forwardedFor)
    {
        await using var client = server.Connect();
        await client.SendAsync(WireClient.Handshake + $"X-Forwarded-For: {forwardedFor}\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.StartsWith("HTTP/1.1 429 ", response.Head, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 5\r\n", response.Head, StringComparison.Ordinal);
        client.EndSending();
    }
}
