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

        // Each may be asked for at any time between two records.
        var session = InteropOpenSsl.TryReleaseBuffers(client.Stream);
        Assert.NotNull(session);
        Assert.True(InteropOpenSsl.TryReleaseInput(session));
        Assert.True(InteropOpenSsl.TryReleaseOutput(session));
        await client.Client.OpenAsync();
        Assert.True(InteropOpenSsl.TryReleaseInput(session));
        Assert.True(InteropOpenSsl.TryReleaseOutput(session));
        await client.Client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.Client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task Large_and_small_messages_in_turn_come_back_whatever_is_given_back_between()
    {
        using var authority = new CertificateAuthority();
        await using var server = await LoopbackServer.StartAsync(configure: options
            => options.Tls = new TlsOptions { Certificates = [TlsCertificate.From(authority.IssueForServer("localhost"))] });
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.OpenAsync();

        foreach (var length in (int[])[20_000, 10, 10, 10, 40_000, 10, 10, 16_384, 5, 5, 5, 5_000, 1, 100_000, 1, 1])
        {
            var message = new byte[length];
            Random.Shared.NextBytes(message);
            await client.Client.SendAsync(WireFrame.Masked(0x82, message));
            Assert.Equal(message, (await client.Client.ReadFrameAsync()).Payload);
        }
    }

    [Fact]
    public async Task A_stream_without_a_session_is_left_alone()
    {
        await using var stream = new SslStream(new MemoryStream());

        Assert.Null(InteropOpenSsl.TryReleaseBuffers(stream));
    }
}
