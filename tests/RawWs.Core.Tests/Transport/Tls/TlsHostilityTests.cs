using System.ComponentModel;
using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawWs.Testing;

namespace RawWs.Tests.Transport.Tls;

/// <summary>Clients that speak TLS and mean harm, or go when nobody expects it.</summary>
public abstract class TlsHostilityTests : LoopbackTests, IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    // An alert instead of a new handshake (RFC 5246 §7.2.2), or the end of the connection, and no new handshake.
    private const string RenegotiatingClient =
        """
        const socket = require('tls').connect({ port: +process.argv[1], host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' }, () => {
            socket.renegotiate({ rejectUnauthorized: false }, error => finish(error ? 'refused' : 'renegotiated'));
        });
        const finish = word => { console.log(word); process.exit(0); };
        socket.on('error', () => finish('refused'));
        socket.on('close', () => finish('refused'));
        socket.resume();
        """;

    private readonly CertificateAuthority _authority = new();
    private readonly X509Certificate2 _certificate;

    protected TlsHostilityTests() => _certificate = _authority.IssueForServer("localhost");

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_reset_at_any_byte_beneath_TLS_leaves_nothing(SslProtocols version)
    {
        await using var server = await StartTlsAsync();
        await using var bystander = await TlsClient.ConnectAsync(server.EndPoint);
        await bystander.Client.OpenAsync();
        var length = await ConverseAsync(server, version, long.MaxValue);

        for (long limit = 0; limit < length; limit++)
            await ConverseAsync(server, version, limit);

        await bystander.Client.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await bystander.Client.ReadFrameAsync()).Text);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        Assert.DoesNotContain(server.Log.AboveDebug, line => !line.Contains("is in use", StringComparison.Ordinal));
    }

    // Each new handshake in a connection would cost the server more than its client (CVE-2011-1473).
    [Fact]
    public async Task A_client_that_asks_for_a_new_handshake_gets_none()
    {
        await using var server = await StartTlsAsync();
        await using var bystander = await TlsClient.ConnectAsync(server.EndPoint);
        await bystander.Client.OpenAsync();

        Assert.Equal("refused", await RunNodeAsync(RenegotiatingClient, $"{server.EndPoint.Port}"));

        await bystander.Client.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await bystander.Client.ReadFrameAsync()).Text);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<LoopbackServer> StartTlsAsync()
        => StartServerAsync(configure: options =>
        {
            options.HandshakeTimeout = Timeout.InfiniteTimeSpan;
            options.Tls = new TlsOptions { Certificates = [TlsCertificate.From(_certificate)] };
        });

    /// <returns>How many bytes the client has written beneath TLS.</returns>
    private static async Task<long> ConverseAsync(LoopbackServer server, SslProtocols version, long limit)
    {
        using var timeout = new CancellationTokenSource(LongestWait);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.EndPoint, timeout.Token);
        var wire = new CutStream(new NetworkStream(socket), limit);
        await using var stream = new SslStream(wire, leaveInnerStreamOpen: false, TlsClient.TrustAnybody);
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version, AllowTlsResume = false }, timeout.Token);
            var client = WireClient.Over(stream, () => { }, () => { });
            await client.OpenAsync();
            await client.SendAsync(WireFrame.MaskedText("Hello"));
            Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
            await client.SendAsync(WireFrame.MaskedClose(1000));
        }
        catch (IOException) when (wire.WrittenCount == limit)
        {
            // It has gone where it should.
        }

        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
        return wire.WrittenCount;
    }

    private static async Task<string> RunNodeAsync(string script, string argument)
    {
        using var node = new Process { StartInfo = new ProcessStartInfo("node", ["-e", script, argument]) { RedirectStandardOutput = true } };
        try
        {
            node.Start();
        }
        catch (Win32Exception error)
        {
            Assert.Skip($"There is no node on this machine: {error.Message}");
        }

        using var timeout = new CancellationTokenSource(LongestWait);
        try
        {
            return (await node.StandardOutput.ReadToEndAsync(timeout.Token)).Trim();
        }
        catch (OperationCanceledException)
        {
            node.Kill();
            throw;
        }
    }
}
