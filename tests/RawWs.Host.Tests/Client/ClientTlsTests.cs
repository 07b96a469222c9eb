using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class ClientTlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-client-tls-");

    [Fact]
    public async Task A_certificate_of_dev_cert_is_taken_by_whoever_is_told_to()
    {
        await using var rawws = await StartAsync();
        var url = rawws.Url.ToString();

        (await RawwsProcess.RunAsync("send", url, "hello", "--wait", "1"))
            .AssertFailed(ExitCode.Failure, "is not trusted: it was not issued by anybody who is trusted here. --ca FILE names whom to trust, such as the file of a self-signed one; --insecure takes any.");
        foreach (var trust in (string[][])[["--insecure"], ["--ca", CertificateFile]])
        {
            var result = await RawwsProcess.RunAsync(["send", url, "hello", "--wait", "1", .. trust]);
            Assert.Equal((ExitCode.Success, "hello\n", ""), (result.ExitCode, result.Output, result.Errors));
        }

        var bench = await RawwsProcess.RunAsync("bench", url, "--ca", CertificateFile, "--duration", "0.2", "--warm-up", "0", "--connections", "2");
        Assert.Equal((ExitCode.Success, ""), (bench.ExitCode, bench.Errors));
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_told_as_such_whoever_issued_it()
    {
        await using var rawws = await StartAsync();
        using var authority = new CertificateAuthority();
        var other = Path.Combine(_folder.FullName, "other.pem");
        await File.WriteAllTextAsync(other, authority.Pem, TestContext.Current.CancellationToken);

        (await RawwsProcess.RunAsync("send", rawws.Url.ToString(), "hello", "--ca", other)).AssertFailed(ExitCode.Failure, "it was not issued by anybody who is trusted here");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "127.0.0.2 is no address here.");
        await using var everywhere = await StartAsync("--host", "127.0.0.2");
        (await RawwsProcess.RunAsync("send", new UriBuilder(everywhere.Url) { Host = "127.0.0.2" }.Uri.ToString(), "hello", "--ca", CertificateFile))
            .AssertFailed(ExitCode.Failure, "it is not for '127.0.0.2'");
    }

    [Fact]
    public async Task Who_takes_TLS_for_plain_or_plain_for_TLS_is_told()
    {
        await using var secure = await StartAsync();
        await using var plain = await LoopbackServer.StartAsync();

        (await RawwsProcess.RunAsync("send", new UriBuilder(secure.Url) { Scheme = "ws" }.Uri.ToString(), "hello")).AssertFailed(ExitCode.Failure, "The server refused the WebSocket with 400");
        (await RawwsProcess.RunAsync("send", new UriBuilder(plain.Uri) { Scheme = "wss" }.Uri.ToString(), "hello")).AssertFailed(ExitCode.Failure, "does not speak TLS as wss:// needs it");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string CertificateFile => Path.Combine(_folder.FullName, "localhost.pem");

    private async Task<RawwsProcess> StartAsync(params string[] args)
    {
        if (!File.Exists(CertificateFile))
            Assert.Equal(ExitCode.Success, (await RawwsProcess.RunAsync("dev-cert", "--out", _folder.FullName)).ExitCode);

        return await RawwsProcess.StartAsync(["--port", "0", "--tls-cert", CertificateFile, "--tls-key", Path.Combine(_folder.FullName, "localhost-key.pem"), .. args]);
    }
}
