using System.Net.Security;
using System.Security.Cryptography;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class InteropOpenSslTests
{
    // Where this fails, the runtime has changed inside: idle connections hold 32 KiB more until it is looked at.
    [Fact]
    public async Task Sessions_give_back_their_buffers_on_Linux()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >> 28 == 3, "This system has no OpenSSL 3.");
        using var authority = new CertificateAuthority();
        await using var server = await LoopbackServer.StartAsync(configure: options
            => options.Tls = new TlsOptions { Certificates = [TlsCertificate.From(authority.IssueForServer("localhost"))] });
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);

        Assert.True(InteropOpenSsl.TryReleaseBuffers(client.Stream));
        await client.Client.OpenAsync();
        await client.Client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.Client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_stream_without_a_session_is_left_alone()
    {
        await using var stream = new SslStream(new MemoryStream());

        Assert.False(InteropOpenSsl.TryReleaseBuffers(stream));
    }
}
