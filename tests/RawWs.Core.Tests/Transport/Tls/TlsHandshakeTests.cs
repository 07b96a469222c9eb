using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Transport.Tls;

/// <summary>TLS handshakes that fail, stop, or ask the client who it is, over every transport.</summary>
public abstract class TlsHandshakeTests : LoopbackTests, IDisposable
{
    private readonly CertificateAuthority _authority = new(), _otherAuthority = new("another authority");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-tls-");
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("")]
    [InlineData("16")]
    [InlineData("1603010200010001FC0303")]
    public async Task A_client_that_stops_in_mid_handshake_is_dropped_at_the_deadline(string beginning)
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => StartTlsAsync());
        await using var _ = server;
        using var __ = metrics;
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Convert.FromHexString(beginning));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, server.Server.ConnectionCount);
        await Eventually.CompletesAsync(_time, Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0));

        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadToEndAsync());
        Assert.Equal(1, metrics["rawws.tls.failures late"]);
        Assert.Equal(0, metrics["rawws.tls.handshakes 1.3"]);
    }

    [Fact]
    public async Task What_the_TLS_handshake_takes_is_not_given_to_the_opening_handshake_again()
    {
        // The clock goes on until the answer has been read: the client is not to be late for its end as well.
        var (server, metrics) = await MetricsProbe.WatchAsync(() => StartTlsAsync(closeTimeout: Timeout.InfiniteTimeSpan));
        await using var _ = server;
        using var __ = metrics;
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.SendAsync("GET /ec");

        // The client is done with the TLS handshake before the server is.
        await Eventually.HoldsAsync(() => metrics["rawws.tls.handshakes 1.3"] == 1);

        await Eventually.CompletesAsync(_time, Task.Run(async () => Assert.StartsWith("HTTP/1.1 408 ", await client.Client.ReadHeadAsync(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Handshakes_are_counted_by_how_they_went()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => StartTlsAsync());
        await using var _ = server;
        using var __ = metrics;

        await using (await TlsClient.ConnectAsync(server.EndPoint, protocols: SslProtocols.Tls13))
        await using (await TlsClient.ConnectAsync(server.EndPoint, protocols: SslProtocols.Tls12))
        {
            await Eventually.HoldsAsync(() => metrics["rawws.tls.handshakes 1.3"] == 1 && metrics["rawws.tls.handshakes 1.2"] == 1);
        }

        foreach (var (bytes, reason) in new[] { ("GET / HTTP/1.1\r\n", "plain_http"), ("\0", "no_tls"), ("\x16\x03\x01\0\x05hello", "refused") })
        {
            await using var client = await server.ConnectAsync();
            await client.SendAsync(bytes);
            await Eventually.HoldsAsync(() => metrics[$"rawws.tls.failures {reason}"] == 1);
        }

        await using (var client = await server.ConnectAsync())
        {
            await client.SendAsync("\x16");
            client.EndSending();
            await Eventually.HoldsAsync(() => metrics["rawws.tls.failures cut"] == 1);
        }
    }

    [Fact]
    public async Task Stopping_waits_for_those_in_their_handshake_no_longer_than_for_a_close_whatever_their_own_deadline()
    {
        await using var server = await StartTlsAsync(handshakeTimeout: Timeout.InfiniteTimeSpan);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("\x16");
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);

        await Eventually.CompletesAsync(_time, server.Server.StopAsync(TestContext.Current.CancellationToken));

        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_certificate_that_is_required_must_be_one_of_the_authority(SslProtocols version)
    {
        var seen = new TaskCompletionSource<string?>();
        await using var server = await StartTlsAsync(TlsClientCertificates.Required(AuthorityFile()), connection => seen.TrySetResult(connection.Tls?.ClientCertificate?.Subject));
        using var own = _authority.IssueForClient("alice");
        using var foreign = _otherAuthority.IssueForClient("alice");
        using var ofServer = _authority.IssueForServer("alice");

        foreach (var wrong in new[] { null, foreign, ofServer })
            await AssertRefusedAsync(server, version, wrong);

        await using var client = await TlsClient.ConnectAsync(server.EndPoint, protocols: version, certificate: own);
        await client.Client.OpenAsync();
        Assert.Equal("CN=alice", await seen.Task);
    }

    [Fact]
    public async Task A_client_certificate_that_is_optional_may_be_missing_but_not_be_another_authoritys()
    {
        var seen = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartTlsAsync(TlsClientCertificates.Optional(AuthorityFile()), connection => seen.TrySetResult(connection));
        using var foreign = _otherAuthority.IssueForClient("alice");

        await AssertRefusedAsync(server, SslProtocols.Tls13, foreign);

        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.OpenAsync();
        Assert.Null((await seen.Task).Tls!.ClientCertificate);
    }

    // Browsers show a certificate for any page, as they send a cookie.
    [Theory]
    [InlineData("https://evil.example", true, 403)]
    [InlineData("https://localhost", true, 101)]
    [InlineData("https://evil.example", false, 101)]
    public async Task A_client_certificate_counts_for_pages_of_the_same_host_only(string origin, bool showsCertificate, int status)
    {
        await using var server = await StartTlsAsync(TlsClientCertificates.Optional(AuthorityFile()));
        using var certificate = _authority.IssueForClient("alice");
        await using var client = await TlsClient.ConnectAsync(server.EndPoint, certificate: showsCertificate ? certificate : null);

        await client.Client.SendAsync(WireClient.Handshake + $"Origin: {origin}\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.Client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _otherAuthority.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    // In TLS 1.3 a client believes to be through before the server has looked at its certificate.
    private static async Task AssertRefusedAsync(LoopbackServer server, SslProtocols version, X509Certificate2? certificate)
        => Assert.True(await Record.ExceptionAsync(async () =>
        {
            await using var client = await TlsClient.ConnectAsync(server.EndPoint, protocols: version, certificate: certificate);
            await client.Client.OpenAsync();
        }) is IOException or AuthenticationException);

    private string AuthorityFile()
    {
        var file = Path.Combine(_folder.FullName, "authority.pem");
        File.WriteAllText(file, _authority.Pem);
        return file;
    }

    private Task<LoopbackServer> StartTlsAsync(
        TlsClientCertificates? clients = null, Action<WebSocketConnection>? onOpened = null, TimeSpan? handshakeTimeout = null, TimeSpan? closeTimeout = null)
        => StartServerAsync(
            (connection, cancellationToken) =>
            {
                onOpened?.Invoke(connection);
                return TestServer.EchoAsync(connection, cancellationToken);
            },
            options =>
            {
                options.TimeProvider = _time;
                options.HandshakeTimeout = handshakeTimeout ?? options.HandshakeTimeout;
                options.CloseTimeout = closeTimeout ?? options.CloseTimeout;
                options.Tls = new TlsOptions { Certificates = [TlsCertificate.From(_authority.IssueForServer("localhost"))], ClientCertificates = clients };
            });
}
