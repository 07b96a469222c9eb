using System.Globalization;
using System.IO.Pipes;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Transport.Tls;

/// <summary>Which certificates a server shows, and where they come from.</summary>
public sealed class TlsCertificateTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CertificateAuthority _authority = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-tls-");
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("one.example", "one.example")]
    [InlineData("ONE.Example", "one.example")]
    [InlineData("one.example.", "one.example")]
    [InlineData("also-one.example", "one.example")]
    [InlineData("a.two.example", "*.two.example")]
    [InlineData("b.two.example", "b.two.example")]
    [InlineData("a.b.two.example", "one.example")]
    [InlineData("two.example", "one.example")]
    [InlineData("unknown.example", "one.example")]
    [InlineData("127.0.0.1", "one.example")]
    public async Task The_certificate_is_that_of_the_name_a_client_asks_for_or_else_the_first(string name, string expected)
    {
        await using var server = await StartAsync(
        [
            TlsCertificate.From(_authority.IssueForServer("one.example", "also-one.example")),
            TlsCertificate.From(_authority.IssueForServer("*.two.example")),
            TlsCertificate.From(_authority.IssueForServer("b.two.example", "one.example")),
        ]);

        Assert.Equal($"CN={expected}", await SubjectShownAsync(server, name));
    }

    [Fact]
    public async Task Certificates_come_from_PEM_and_PFX_files()
    {
        var pem = Write("pem", "pem.example");
        using var certificate = _authority.IssueForServer("pfx.example");
        var pfxFile = Path.Combine(_folder.FullName, "server.pfx");
        await File.WriteAllBytesAsync(pfxFile, certificate.Export(X509ContentType.Pkcs12, "secret"), TestContext.Current.CancellationToken);
        await using var server = await StartAsync([pem, TlsCertificate.FromPfxFile(pfxFile, "secret")]);

        Assert.Equal("CN=pem.example", await SubjectShownAsync(server, "pem.example"));
        Assert.Equal("CN=pfx.example", await SubjectShownAsync(server, "pfx.example"));
    }

    [Theory]
    [InlineData("nothing.pem", "pem-key.pem", "does not exist")]
    [InlineData(".", "pem-key.pem", "it is a folder")]
    [InlineData("pem-key.pem", "pem-key.pem", "holds no certificate in PEM form")]
    [InlineData("pem.pem", "pem.pem", "holds no private key in PEM form")]
    [InlineData("pem.pem", "other-key.pem", "can't be used together")]
    [InlineData("pem.pem", "encrypted-key.pem", "has a passphrase")]
    [InlineData("broken.pem", "pem-key.pem", "can't be used together")]
    public async Task A_file_that_can_not_be_used_is_told_at_the_start(string certificate, string key, string expected)
    {
        Write("pem", "pem.example");
        Write("other", "other.example");
        await File.WriteAllTextAsync(PathOf("encrypted-key.pem"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf("broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync([TlsCertificate.FromPemFiles(PathOf(certificate), PathOf(key))]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    // The authority is ahead of this machine's cryptography: ML-DSA needs OpenSSL 3.5.
    [Fact]
    public async Task A_key_of_a_kind_that_is_not_known_here_is_like_any_that_can_not_be_used()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            new X500DistinguishedName("CN=future.example"), new PublicKey(new Oid("2.16.840.1.101.3.4.3.17"), null, new AsnEncodedData(new byte[1312])), HashAlgorithmName.SHA256);
        using var future = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, [1]);
        var (certificate, keyText) = (future.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        await using var server = await StartAsync([Write("pem", "known.example")]);

        await File.WriteAllTextAsync(PathOf("pem.pem"), certificate, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf("pem-key.pem"), keyText, TestContext.Current.CancellationToken);
        _time.Advance(4 * Interval);

        Assert.Equal("CN=known.example", await SubjectShownAsync(server));
        Assert.Single(server.Log.AboveDebug, line => line.Contains("can't be used together", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync([TlsCertificate.FromPemFiles(PathOf("pem.pem"), PathOf("pem-key.pem"))]));
        Assert.Contains("can't be used together", error.Message, StringComparison.Ordinal);
    }

    // A client refuses it, and its log is elsewhere.
    [Theory]
    [InlineData(-2, -1, true)]
    [InlineData(1, 2, true)]
    [InlineData(-1, 1, false)]
    public async Task A_certificate_that_is_loaded_out_of_its_time_is_shown_and_told(int firstDay, int lastDay, bool isTold)
    {
        await using var server = await StartAsync([Write("pem", "first.example")]);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var today = _time.GetUtcNow();
        using var next = new CertificateRequest("CN=next.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(today.AddDays(firstDay), today.AddDays(lastDay));
        CertificateAuthority.Write(next, _folder.FullName, "pem");

        _time.Advance(4 * Interval);

        Assert.Equal("CN=next.example", await SubjectShownAsync(server));
        var times = string.Create(CultureInfo.InvariantCulture, $"valid only from {next.NotBefore.ToUniversalTime():u} to {next.NotAfter.ToUniversalTime():u}");
        Assert.Equal(isTold ? 1 : 0, server.Log.AboveDebug.Count(line => line.StartsWith("Warning: ", StringComparison.Ordinal) && line.Contains(times, StringComparison.Ordinal)));
    }

    // What a shell makes of <(…).
    [Fact]
    public async Task A_pipe_that_can_not_be_read_again_is_told_at_the_start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a pipe has no path of this kind.");
        Write("pem", "pem.example");
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var path = $"/proc/self/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}";

        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync([TlsCertificate.FromPemFiles(path, PathOf("pem-key.pem"))]));

        Assert.Contains("is a pipe or the like", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "password is missing")]
    [InlineData("wrong", "password is wrong")]
    public async Task A_PFX_file_whose_password_is_not_right_is_told_at_the_start(string? password, string expected)
    {
        using var certificate = _authority.IssueForServer("pfx.example");
        await File.WriteAllBytesAsync(PathOf("server.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"), TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync([TlsCertificate.FromPfxFile(PathOf("server.pfx"), password)]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TlsCertificate.From(X509CertificateLoader.LoadCertificate(_authority.IssueForServer("x").RawData)));
        await Assert.ThrowsAsync<ArgumentException>(() => StartAsync([]));
        foreach (var good in new[] { TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(int.MaxValue), Timeout.InfiniteTimeSpan })
            Assert.Equal(good, new TlsOptions { Certificates = [], ReloadInterval = good }.ReloadInterval);
        foreach (var bad in new[] { TimeSpan.Zero, TimeSpan.FromMilliseconds(9), TimeSpan.FromMilliseconds(int.MaxValue + 1L), TimeSpan.MinValue })
            Assert.Throws<ArgumentOutOfRangeException>(nameof(TlsOptions.ReloadInterval), () => new TlsOptions { Certificates = [], ReloadInterval = bad });
    }

    [Fact]
    public async Task Changed_files_are_taken_over_when_they_have_come_to_rest_and_broken_ones_are_not()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => StartAsync([Write("pem", "first.example")]));
        await using var _ = server;
        using var __ = metrics;
        await using var open = await TlsClient.ConnectAsync(server.EndPoint);
        await open.Client.OpenAsync();

        Write("pem", "second.example");
        _time.Advance(Interval);
        Assert.Equal("CN=first.example", await SubjectShownAsync(server));
        _time.Advance(Interval);
        Assert.Equal("CN=second.example", await SubjectShownAsync(server));

        // A certificate without its key yet, and then none at all: told once each.
        server.Log.Clear();
        File.Copy(PathOf("pem-key.pem"), PathOf("kept-key.pem"));
        Write("pem", "third.example");
        File.Copy(PathOf("kept-key.pem"), PathOf("pem-key.pem"), overwrite: true);
        _time.Advance(4 * Interval);
        File.Delete(PathOf("pem.pem"));
        _time.Advance(4 * Interval);
        Assert.Equal("CN=second.example", await SubjectShownAsync(server));
        var told = server.Log.AboveDebug.Where(line => line.Contains("pem.pem", StringComparison.Ordinal));
        Assert.Equal(["can't be used together", "does not exist"], told.Select(line => line.Contains("does not exist", StringComparison.Ordinal) ? "does not exist" : "can't be used together"));

        Write("pem", "fourth.example");
        _time.Advance(2 * Interval);
        Assert.Equal("CN=fourth.example", await SubjectShownAsync(server));
        Assert.Equal((2, 2), (metrics["rawws.tls.reloads loaded"], metrics["rawws.tls.reloads failed"]));

        await open.Client.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await open.Client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_certificate_is_replaced_under_load_and_nobody_is_dropped()
    {
        const int ReplacementCount = 20;
        await using var server = await StartAsync([Write("pem", "localhost")]);
        var isOver = false;
        var echoes = Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            await using var client = await TlsClient.ConnectAsync(server.EndPoint);
            await client.Client.OpenAsync();
            var count = 0;
            for (; !Volatile.Read(ref isOver); count++)
            {
                await client.Client.SendAsync(WireFrame.MaskedText("x"));
                Assert.Equal("x", (await client.Client.ReadFrameAsync()).Text);
            }

            return count;
        })));
        var visits = Task.Run(async () =>
        {
            var thumbprints = new HashSet<string>();
            while (!Volatile.Read(ref isOver))
            {
                await using var client = await TlsClient.ConnectAsync(server.EndPoint);
                thumbprints.Add(client.Stream.RemoteCertificate!.GetCertHashString());
                await client.Client.OpenAsync();
            }

            return thumbprints.Count;
        });

        for (var number = 1; number <= ReplacementCount; number++)
        {
            using var certificate = _authority.IssueForServer("localhost");
            CertificateAuthority.Write(certificate, _folder.FullName, "pem");
            _time.Advance(2 * Interval);
            await using var client = await TlsClient.ConnectAsync(server.EndPoint);
            Assert.Equal(certificate.GetCertHashString(), client.Stream.RemoteCertificate!.GetCertHashString());
        }

        Volatile.Write(ref isOver, true);
        Assert.All(await echoes, count => Assert.True(count > 0));
        Assert.True(await visits > 1);

        // Where the clock leaps, a turn of a loop seems to have taken as long.
        Assert.DoesNotContain(server.Log.AboveDebug, line => !line.Contains("is in use", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private TlsCertificate Write(string file, string name)
    {
        using var certificate = _authority.IssueForServer(name);
        var (certificateFile, keyFile) = CertificateAuthority.Write(certificate, _folder.FullName, file);
        return TlsCertificate.FromPemFiles(certificateFile, keyFile);
    }

    private Task<LoopbackServer> StartAsync(IReadOnlyList<TlsCertificate> certificates) => LoopbackServer.StartAsync(configure: options =>
    {
        options.TimeProvider = _time;

        // The clock is moved for the files: nobody is to be late for anything else.
        options.KeepAliveInterval = options.IdleTimeout = options.HandshakeTimeout = options.MessageTimeout = options.WriteTimeout = options.CloseTimeout = Timeout.InfiniteTimeSpan;
        options.Tls = new TlsOptions { Certificates = certificates, ReloadInterval = Interval };
    });

    private static async Task<string> SubjectShownAsync(LoopbackServer server, string name = "unknown.example")
    {
        await using var client = await TlsClient.ConnectAsync(server.EndPoint, name);
        return client.Stream.RemoteCertificate!.Subject;
    }
}
