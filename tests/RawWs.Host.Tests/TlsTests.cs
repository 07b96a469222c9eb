using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-tls-");

    [Fact]
    public async Task A_certificate_for_this_machine_is_made_and_serves()
    {
        var folder = PathOf("certs");
        var made = await RawwsProcess.RunAsync("dev-cert", "--out", folder);
        Assert.Equal((ExitCode.Success, ""), (made.ExitCode, made.Errors));
        var (certificateFile, keyFile) = (Path.Combine(folder, "localhost.pem"), Path.Combine(folder, "localhost-key.pem"));
        Assert.Contains($"rawws --tls-cert '{certificateFile}' --tls-key '{keyFile}'", made.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(keyFile));

        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--tls-cert", certificateFile, "--tls-key", keyFile);
        Assert.Equal("wss", rawws.Url.Scheme);
        foreach (var host in new[] { "localhost", "127.0.0.1" })
        {
            using var client = await ConnectAsync(new UriBuilder(rawws.Url) { Host = host }.Uri, certificateFile, rawws.Deadline);
            await client.AssertEchoAsync("hello", rawws.Deadline);
        }
    }

    [Fact]
    public async Task A_certificate_is_not_written_over()
    {
        await RawwsProcess.RunAsync("dev-cert", "--out", _folder.FullName);

        var result = await RawwsProcess.RunAsync("dev-cert", "--out", _folder.FullName);

        result.AssertFailed(ExitCode.Failure, "exists already; use it, remove it, or choose another folder with --out DIR.");
    }

    [Fact]
    public async Task A_folder_without_a_name_is_told_in_one_line()
    {
        var result = await RawwsProcess.RunAsync("dev-cert", "--out", "");

        result.AssertFailed(ExitCode.WrongUsage, "--out takes a folder; '' is none. For all options: rawws dev-cert --help");
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_is_told()
    {
        var file = Path.Combine(_folder.FullName, "certs");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        foreach (var place in new[] { file, Path.Combine(file, "here") })
            (await RawwsProcess.RunAsync("dev-cert", "--out", place)).AssertFailed(ExitCode.Failure, $"--out takes a folder, and '{place}' is none and can't be made: ");
    }

    [Fact]
    public async Task A_PFX_file_with_its_password_serves_and_clients_need_certificates_where_that_is_asked()
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.IssueForServer("localhost");
        using var own = authority.IssueForClient("alice");
        await File.WriteAllBytesAsync(PathOf("server.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf("password"), "secret\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf("authority.pem"), authority.Pem, TestContext.Current.CancellationToken);
        await using var rawws = await RawwsProcess.StartAsync(
            "--port", "0", "--tls-pfx", PathOf("server.pfx"), "--tls-pfx-password-file", PathOf("password"), "--tls-client-ca", PathOf("authority.pem"));

        await Assert.ThrowsAnyAsync<WebSocketException>(() => ConnectAsync(rawws.Url, PathOf("authority.pem"), rawws.Deadline));
        using var client = await ConnectAsync(rawws.Url, PathOf("authority.pem"), rawws.Deadline, own);
        await client.AssertEchoAsync("hello", rawws.Deadline);
    }

    [Fact]
    public async Task Each_PFX_file_has_its_password_or_all_have_one()
    {
        using var authority = new CertificateAuthority();
        foreach (var name in (string[])["one", "two"])
        {
            using var certificate = authority.IssueForServer(name);
            await File.WriteAllBytesAsync(PathOf(name), certificate.Export(X509ContentType.Pkcs12, "password of " + name), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(PathOf(name + ".password"), $"password of {name}\nand more", TestContext.Current.CancellationToken);
        }

        await new TlsFiles { PfxFiles = [PathOf("one"), PathOf("two")], PfxPasswordFiles = [PathOf("one.password"), PathOf("two.password")] }.CheckAsync();
        await new TlsFiles { PfxFiles = [PathOf("one"), PathOf("one")], PfxPasswordFiles = [PathOf("one.password")] }.CheckAsync();
        await Assert.ThrowsAsync<IOException>(()
            => new TlsFiles { PfxFiles = [PathOf("one"), PathOf("two")], PfxPasswordFiles = [PathOf("two.password"), PathOf("one.password")] }.CheckAsync());
    }

    [Fact]
    public async Task A_certificate_for_this_machine_is_one_that_browsers_take()
    {
        var (now, output, errors) = (TimeProvider.System.GetUtcNow(), new StringWriter(), new StringWriter());
        Assert.Equal(ExitCode.Success, await DevCertificate.RunAsync(_folder.FullName, output, errors));
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(PathOf("localhost.pem"));
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();

        Assert.Equal(["localhost"], names.EnumerateDnsNames());
        Assert.Equal(["127.0.0.1", "::1"], names.EnumerateIPAddresses().Select(address => address.ToString()));

        // Clocks differ, and 398 days are the most.
        Assert.InRange(certificate.NotBefore.ToUniversalTime(), now.UtcDateTime.AddHours(-2), now.UtcDateTime.AddMinutes(-30));
        Assert.InRange(certificate.NotAfter - certificate.NotBefore, TimeSpan.FromDays(365), TimeSpan.FromDays(398));
        Assert.Equal(["1.3.6.1.5.5.7.3.1"], certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Select(usage => usage.Value));
    }

    [Fact]
    public async Task A_key_is_not_written_over_either_and_nothing_is_left_beside_it()
    {
        await File.WriteAllTextAsync(PathOf("localhost-key.pem"), "precious", TestContext.Current.CancellationToken);
        var errors = new StringWriter();

        Assert.Equal(ExitCode.Failure, await DevCertificate.RunAsync(_folder.FullName, new StringWriter(), errors));

        Assert.Contains($"'{PathOf("localhost-key.pem")}' exists already; use it", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(Assert.Single(_folder.GetFiles()).FullName, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Each --tls-cert needs its --tls-key, in the same order; there are 1 and 0.", "--tls-cert", "one")]
    [InlineData("Each --tls-cert needs its --tls-key, in the same order; there are 0 and 1.", "--tls-key", "one")]
    [InlineData("--tls-cert takes a file that exists; 'none' is none.", "--tls-cert", "none", "--tls-key", "one")]
    [InlineData("there are 2 for 3.", "--tls-pfx", "one", "--tls-pfx", "one", "--tls-pfx", "one", "--tls-pfx-password-file", "one", "--tls-pfx-password-file", "one")]
    [InlineData("--tls-pfx-password-file is for --tls-pfx FILE", "--tls-pfx-password-file", "one")]
    [InlineData("--tls-client-ca needs a certificate of the server's own", "--tls-client-ca", "one")]
    public void What_does_not_belong_together_is_refused(string expected, params string[] args)
    {
        File.WriteAllText(PathOf("one"), "");
        var commandLine = new CommandLine(_ => Task.FromResult(ExitCode.Success));

        var result = commandLine.Parse([.. args.Select(arg => arg == "one" ? PathOf("one") : arg)]);

        Assert.Contains(result.Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Certificates_and_keys_keep_their_order()
    {
        var files = "abcde".Select(letter => PathOf(letter.ToString())).ToArray();
        Array.ForEach(files, file => File.WriteAllText(file, ""));
        var commandLine = new CommandLine(_ => Task.FromResult(ExitCode.Success));

        var tls = commandLine.OptionsOf(commandLine.Parse(["--tls-cert", files[0], "--tls-cert", files[1], "--tls-key", files[2], "--tls-key", files[3], "--tls-pfx", files[4]])).Tls;

        Assert.NotNull(tls);
        Assert.Equal(files[..2], tls.Certificates);
        Assert.Equal(files[2..4], tls.Keys);
        Assert.Equal(files[4..], tls.PfxFiles);
        Assert.Equal([[files[0], files[2]], [files[1], files[3]], [files[4]]], tls.ToOptions().Certificates.Select(certificate => certificate.Files));
    }

    [Fact]
    public async Task A_file_that_can_not_be_used_is_told_in_one_line()
    {
        await File.WriteAllTextAsync(PathOf("one"), "", TestContext.Current.CancellationToken);

        var result = await RawwsProcess.RunAsync("--port", "0", "--tls-cert", PathOf("one"), "--tls-key", PathOf("one"));

        result.AssertFailed(ExitCode.Failure, "holds no certificate in PEM form");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    // Trusts one file and nothing else, names included.
    private static async Task<ClientWebSocket> ConnectAsync(Uri url, string trustedFile, CancellationToken cancellationToken, X509Certificate2? own = null)
    {
        var client = new ClientWebSocket();
        try
        {
            if (own is not null)
                client.Options.ClientCertificates.Add(own);

            client.Options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
                chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(trustedFile);
                return certificate is X509Certificate2 shown && (errors & ~System.Net.Security.SslPolicyErrors.RemoteCertificateChainErrors) == 0 && chain.Build(shown);
            };
            await client.ConnectAsync(url, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
