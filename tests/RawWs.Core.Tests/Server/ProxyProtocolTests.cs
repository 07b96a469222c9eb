using System.Net;
using System.Text;
using RawWs.Testing;
using RawWs.Tests.Protocol;
using RawWs.Transport;

namespace RawWs.Tests.Server;

/// <summary>Connections that begin with a header of the PROXY protocol. In memory everybody comes from 192.0.2.7.</summary>
public sealed class ProxyProtocolTests
{
    private const string Header = "PROXY TCP4 203.0.113.9 192.0.2.1 56789 443\r\n";
    private const string Local = "0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a 20 00 00 00";

    [Theory]
    [InlineData("50 52 4f 58 59 20 54 43 50 34 20 32 30 33 2e 30 2e 31 31 33 2e 39 20 31 39 32 2e 30 2e 32 2e 31 20 35 36 37 38 39 20 34 34 33 0d 0a", "203.0.113.9:56789 False")]
    [InlineData("0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a 21 11 00 14 cb 00 71 09 c0 00 02 01 dd d5 01 bb 20 00 05 01 00 00 00 00", "203.0.113.9:56789 True")]
    [InlineData("50 52 4f 58 59 20 55 4e 4b 4e 4f 57 4e 0d 0a", "192.0.2.7:50000 False")]
    [InlineData(Local, "192.0.2.7:50000 False")]
    public async Task The_header_says_who_is_connected_in_any_pieces(string header, string expected)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.ProxyProtocol = true, map: MapWhoAmI);
        byte[] bytes = [.. Hex.Bytes(header), .. Encoding.ASCII.GetBytes(Request())];

        await using var whole = server.Connect();
        await whole.SendAsync(bytes);
        Assert.Equal(expected, (await whole.ReadResponseAsync()).Text);

        await using var byByte = server.Connect();
        await byByte.SendByteByByteAsync(bytes);
        Assert.Equal(expected, (await byByte.ReadResponseAsync()).Text);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", "it does not begin with a PROXY protocol header")]
    [InlineData("PROXY TCP4 6.6.6.6\r\n", "its PROXY protocol header (version 1) is malformed")]
    public async Task A_connection_without_a_header_is_aborted_without_a_word(string text, string reason)
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.ProxyProtocol = true));
        using var probe = metrics;
        await using var stopping = server;
        for (var count = 0; count < 3; count++)
        {
            await using var client = server.Connect();

            // It may be aborted before the sending returns.
            await Record.ExceptionAsync(() => client.SendAsync(text));
            await AssertAbortedAsync(client);
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Equal(3, probe["rawws.proxy_protocol.failures malformed"]);

        // However many there are, one line is enough.
        Assert.Equal([$"Warning: Aborted a connection from 192.0.2.7:50000: {reason}; 0 others since the last such line "], server.Log.AboveDebug);
    }

    [Fact]
    public async Task Who_is_not_trusted_is_aborted_before_it_says_anything()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options =>
        {
            options.ProxyProtocol = true;
            options.TrustedProxies.Add(IPNetwork.Parse("192.0.2.8/32"));
        }));
        using var probe = metrics;
        await using var stopping = server;
        await using var client = server.Connect();

        await AssertAbortedAsync(client);
        Assert.Equal(1, probe["rawws.proxy_protocol.failures untrusted"]);
    }

    [Fact]
    public async Task A_header_that_does_not_come_to_its_end_is_aborted_at_the_deadline_of_the_handshake()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.ProxyProtocol = true));
        using var probe = metrics;
        await using var stopping = server;
        await using var client = server.Connect();
        await client.SendAsync("PROXY TCP4");
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(9));
        await client.SendAsync(" 203");
        await client.WaitUntilServerWaitsAsync();
        Assert.Equal(1, server.Server.ConnectionCount);

        server.Time.Advance(TimeSpan.FromSeconds(2));
        await AssertAbortedAsync(client);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Equal(1, probe["rawws.proxy_protocol.failures late"]);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task Who_goes_before_its_header_is_not_worth_a_warning()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.ProxyProtocol = true));
        using var probe = metrics;
        await using var stopping = server;
        await using var client = server.Connect();
        await client.SendAsync("PROXY");
        await client.WaitUntilServerWaitsAsync();
        client.EndSending();

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Equal(1, probe["rawws.proxy_protocol.failures cut"]);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task The_limit_of_an_address_is_the_clients_and_is_answered()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.ProxyProtocol = true;
            options.MaxConnectionsPerAddress = 1;
        });
        var first = await OpenAsync(server, Header);
        await OpenAsync(server, Header.Replace("113.9", "113.10", StringComparison.Ordinal));
        await using (var refused = server.Connect())
        {
            await refused.SendAsync(Header);
            Assert.StartsWith("HTTP/1.1 429 ", (await refused.ReadResponseAsync()).Head, StringComparison.Ordinal);
            refused.EndSending();
        }

        first.Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        await OpenAsync(server, Header);

        // The client may have its answer before the server has counted.
        await Eventually.HoldsAsync(() => server.Server.Admission.Counts == (2, 2, 0, 2));
    }

    // A client that a proxy carries without reading it can write any header; one that the proxy can't name too.
    [Theory]
    [InlineData(Header, "203.0.113.9:56789 False")]
    [InlineData("PROXY UNKNOWN\r\n", "192.0.2.7:50000 False")]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 1 443\r\n", "6.6.6.6:0 True")]
    [InlineData("PROXY TCP4 10.0.0.2 192.0.2.1 1 443\r\n", "6.6.6.6:0 True")]
    public async Task Header_fields_count_only_if_the_header_names_a_trusted_proxy(string header, string expected)
    {
        await using var server = await TestServer.StartAsync(
            configure: options =>
            {
                options.ProxyProtocol = true;
                options.TrustedProxies.Add(IPNetwork.Parse("192.0.2.7/32"));
                options.TrustedProxies.Add(IPNetwork.Parse("10.0.0.0/8"));
            },
            map: MapWhoAmI);
        await using var client = server.Connect();
        await client.SendAsync(header + Request("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n"));

        Assert.Equal(expected, (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_full_server_says_so_behind_the_header()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.ProxyProtocol = true;
            options.MaxConnections = 1;
        });
        await OpenAsync(server, Header);
        await using var refused = server.Connect();
        await refused.SendAsync(Header);
        Assert.StartsWith("HTTP/1.1 503 ", (await refused.ReadResponseAsync()).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_not_sent_its_header_does_not_hold_up_a_stop()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.ProxyProtocol = true);
        await using var client = server.Connect();
        await client.WaitUntilServerWaitsAsync();

        await Eventually.CompletesAsync(server.Time, server.Server.StopAsync(CancellationToken.None));
        await AssertAbortedAsync(client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_header_comes_before_TLS(bool onThreadPool)
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.IssueForServer("localhost");
        await using var server = await LoopbackServer.StartAsync(
            configure: options =>
            {
                options.ProxyProtocol = true;
                options.Tls = new TlsOptions { Certificates = [TlsCertificate.From(certificate)] };
                options.Transport = onThreadPool ? new SocketTransport() : null;
                options.MaxReceiveSize = 7;
            },
            map: MapWhoAmI);
        await using var tls = await TlsClient.ConnectAsync(server.EndPoint, preamble: Encoding.ASCII.GetBytes(Header));
        await tls.Client.SendAsync(Request());

        Assert.Equal("203.0.113.9:56789 True", (await tls.Client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Plain_HTTP_behind_the_header_is_told_that_TLS_is_spoken()
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.IssueForServer("localhost");
        await using var server = await LoopbackServer.StartAsync(configure: options =>
        {
            options.ProxyProtocol = true;
            options.Tls = new TlsOptions { Certificates = [TlsCertificate.From(certificate)] };
        });
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Header + Request());

        Assert.StartsWith("HTTP/1.1 400 ", (await client.ReadResponseAsync()).Head, StringComparison.Ordinal);
    }

    private static void MapWhoAmI(WebSocketServer server)
        => server.MapGet("/who", (request, _) => new(HttpResponse.Text($"{request.RemoteEndPoint} {request.IsSecure}")));

    private static string Request(string headers = "") => $"GET /who HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n";

    private static async Task<WireClient> OpenAsync(TestServer server, string header)
    {
        var client = server.Connect();
        await client.SendAsync(header);
        await client.OpenAsync();
        return client;
    }

    private static async Task AssertAbortedAsync(WireClient client) => await Assert.ThrowsAnyAsync<IOException>(client.ReadToEndAsync);
}
