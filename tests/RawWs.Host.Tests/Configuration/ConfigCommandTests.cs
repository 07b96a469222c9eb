using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-config-");

    private string FilePath => Path.Combine(_folder.FullName, "rawws.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Each_option_is_shown_with_its_value_and_who_says_so()
    {
        await WriteAsync("""{ "host": ["::1", "localhost"] }""");

        var result = await RawwsProcess.RunAsync(["config", "--show", "--config", FilePath, "--port", "0"], [("RAWWS_MAX_ROOMS", "9"), ("RAWWS_MAX_ROMS", "8")]);

        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Equal("rawws: The variable RAWWS_MAX_ROMS sets nothing; the nearest that does is RAWWS_MAX_ROOMS.", result.Errors.TrimEnd());
        var lines = result.Output.TrimEnd().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        Assert.Equal(new CommandLine(_ => Task.FromResult(ExitCode.Success)).Options.Count, lines.Length);
        Assert.Contains($"config {FilePath} flag", lines);
        Assert.Contains($"host ::1, localhost file: 'host' in {FilePath}", lines);
        Assert.Contains("port 0 flag", lines);
        Assert.Contains("max-rooms 9 environment: RAWWS_MAX_ROOMS", lines);
        Assert.Contains("log-level information default", lines);
        Assert.Contains("tls-cert - default", lines);
    }

    [Fact]
    public async Task It_is_shown_as_JSON_too()
    {
        var result = await RawwsProcess.RunAsync(["config", "--show", "--format", "json"], [("RAWWS_HOST", "::1,localhost")]);

        using var json = JsonDocument.Parse(result.Output);
        var host = json.RootElement.GetProperty("host");
        Assert.Equal(["::1", "localhost"], host.GetProperty("values").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal(("environment", "RAWWS_HOST"), (host.GetProperty("source").GetString(), host.GetProperty("place").GetString()));
        Assert.Equal("default", json.RootElement.GetProperty("port").GetProperty("source").GetString());
    }

    [Fact]
    public async Task Without_showing_it_says_whether_all_makes_sense()
    {
        await WriteAsync("""{ "tls-cert": "x" }""");

        Assert.Equal(new RawwsResult(ExitCode.Success, "", ""), await RawwsProcess.RunAsync("config", "--port", "1"));
        (await RawwsProcess.RunAsync("config", "--drain-window", "11")).AssertFailed(ExitCode.WrongUsage, "longer than the 10 s of --drain-time");
        (await RawwsProcess.RunAsync("config", "--config", FilePath)).AssertFailed(ExitCode.WrongUsage, $"--tls-cert is set by 'tls-cert' in {FilePath}.");
    }

    [Theory]
    [InlineData("""{ "max-rooms": -1 }""")]
    [InlineData("""{ "nonsense": 1 }""")]
    [InlineData("""{ "port": 1""")]
    [InlineData("""{ "drain-window": 11 }""")]
    public async Task What_makes_no_sense_ends_a_server_as_it_ends_the_check(string json)
    {
        await WriteAsync(json);

        (await RawwsProcess.RunAsync("--config", FilePath)).AssertFailed(ExitCode.WrongUsage, FilePath);
        (await RawwsProcess.RunAsync("config", "--config", FilePath)).AssertFailed(ExitCode.WrongUsage, FilePath);
    }

    [Fact]
    public async Task What_trusted_proxies_tell_by_is_shown_though_nobody_says_it()
    {
        var result = await RawwsProcess.RunAsync("config", "--show", "--trust-proxy", "loopback");

        Assert.Matches(@"(?m)^forwarding-headers +either +default$", result.Output);
    }

    // What a server would refuse when it starts.
    [Theory]
    [InlineData("junk", "key.pem", ExitCode.Failure)]
    [InlineData("certificate.pem", "other-key.pem", ExitCode.Failure)]
    [InlineData("certificate.pem", "encrypted-key.pem", ExitCode.Failure)]
    [InlineData("server.pfx", "wrong", ExitCode.Failure)]
    [InlineData("certificate.pem", "key.pem", ExitCode.Failure, "--tls-client-ca", "junk")]
    [InlineData("certificate.pem", "key.pem", ExitCode.Success, "--tls-client-ca", "certificate.pem")]
    [InlineData("server.pfx", "password", ExitCode.Success)]
    public async Task Certificates_that_no_server_would_start_with_are_told(string certificateFile, string keyFile, int exitCode, params string[] more)
    {
        await WriteCertificatesAsync();
        var (certificate, key) = certificateFile.EndsWith(".pfx", StringComparison.Ordinal) ? ("--tls-pfx", "--tls-pfx-password-file") : ("--tls-cert", "--tls-key");
        string[] args = ["--port", "0", "--log-level", "warning", certificate, PathOf(certificateFile), key, PathOf(keyFile), .. more.Select(word => word.StartsWith('-') ? word : PathOf(word))];

        var result = await RawwsProcess.RunAsync(["config", .. args]);

        if (exitCode == ExitCode.Success)
        {
            Assert.Equal(new RawwsResult(exitCode, "", ""), result);
            return;
        }

        result.AssertFailed(exitCode, PathOf(more is [_, var file] ? file : keyFile.EndsWith("-key.pem", StringComparison.Ordinal) ? keyFile : certificateFile));
        Assert.Equal(result, await RawwsProcess.RunAsync(args));
    }

    [Theory]
    [InlineData("--dashboard-token", "***")]
    [InlineData("--client-secret", "***")]
    [InlineData("--tls-pfx-password", "***")]
    [InlineData("--tls-pfx-password-file", "hunter2")]
    [InlineData("--tls-key", "hunter2")]
    public void A_secret_is_not_shown_whoever_says_it(string name, string expected)
    {
        var option = new Option<string?>(name);
        var command = new RootCommand { option };
        var setting = new Setting(option, ["hunter2"], SettingSource.Environment, option.Variable);

        Assert.Equal([expected], ShownSetting.Of(option, command.Parse([name, "hunter2"]), []).Values);
        Assert.Equal([expected], ShownSetting.Of(option, command.Parse([.. setting.ToArguments()]), [setting]).Values);
        Assert.Empty(ShownSetting.Of(option, command.Parse([]), []).Values);
    }

    [Fact]
    public void A_switch_is_set_by_true_and_false_only()
    {
        var option = new Option<bool>("--proxied");
        var command = new RootCommand { option };

        Assert.True(command.Parse([.. Setting("true").ToArguments()]).GetValue(option));
        Assert.False(command.Parse([.. Setting("False").ToArguments()]).GetValue(option));
        Assert.Equal(["true"], ShownSetting.Of(option, command.Parse(["--proxied"]), []).Values);
        var error = Assert.Throws<WrongUsageException>(() => Setting("yes").ToArguments());
        Assert.Equal("--proxied takes true or false; 'yes' is neither. It is set by RAWWS_PROXIED.", error.Message);

        Setting Setting(string value) => new(option, [value], SettingSource.Environment, option.Variable);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private async Task WriteCertificatesAsync()
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.IssueForServer("localhost");
        using var other = authority.IssueForServer("localhost");
        using var key = certificate.GetECDsaPrivateKey()!; // It was made with one.
        using var otherKey = other.GetECDsaPrivateKey()!;
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000);
        (string Name, string Content)[] texts =
        [
            ("junk", "junk"), ("certificate.pem", certificate.ExportCertificatePem()), ("key.pem", key.ExportPkcs8PrivateKeyPem()), ("other-key.pem", otherKey.ExportPkcs8PrivateKeyPem()),
            ("encrypted-key.pem", key.ExportEncryptedPkcs8PrivateKeyPem("passphrase", encryption)), ("password", "secret"), ("wrong", "other"),
        ];
        foreach (var (name, content) in texts)
            await File.WriteAllTextAsync(PathOf(name), content, TestContext.Current.CancellationToken);

        await File.WriteAllBytesAsync(PathOf("server.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"), TestContext.Current.CancellationToken);
    }

    private Task WriteAsync(string content) => File.WriteAllTextAsync(FilePath, content, TestContext.Current.CancellationToken);
}
