using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawWs.Host;

/// <summary>Makes a certificate for <c>localhost</c>, for trying TLS on one's own machine.</summary>
internal static class DevCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string CertificateName = "localhost.pem", KeyName = "localhost-key.pem";

    // Browsers take no certificate that is valid for longer than 398 days.
    private static readonly TimeSpan Validity = TimeSpan.FromDays(365), ClockSkew = TimeSpan.FromHours(1);

    /// <summary>Makes it and says what to do with it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string folder, TextWriter output, TextWriter errors)
    {
        var written = new List<string>();
        try
        {
            var (certificateFile, keyFile) = Write(Path.GetFullPath(folder), written);
            await output.WriteLineAsync($"""
                {certificateFile} and {keyFile} are for localhost, 127.0.0.1 and ::1, for a year.
                Try it: rawws --tls-cert '{certificateFile}' --tls-key '{keyFile}'
                Programs trust it when they are told to: curl --cacert '{certificateFile}' https://localhost:{HostOptions.DefaultPort}/healthz
                """);
            return ExitCode.Success;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever could not be told of them tries again, and is not to find them in the way.
            written.ForEach(File.Delete);
            await errors.WriteLineAsync($"rawws: {error.Message}");
            return ExitCode.Failure;
        }
    }

    /// <summary>Writes both files; the key is for its owner only.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="written">Gets the names of those that there are, also if something goes wrong.</param>
    /// <exception cref="IOException">One of them exists, or can't be written.</exception>
    private static (string CertificateFile, string KeyFile) Write(string folder, List<string> written)
    {
        var (certificateFile, keyFile) = (Path.Combine(folder, CertificateName), Path.Combine(folder, KeyName));
        foreach (var file in new[] { certificateFile, keyFile })
        {
            if (File.Exists(file))
                throw new IOException($"'{file}' exists already; use it, remove it, or choose another folder with --out DIR.");
        }

        MakeFolder(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Make(key, TimeProvider.System.GetUtcNow());
        WriteNew(keyFile, key.ExportPkcs8PrivateKeyPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite, written);
        WriteNew(certificateFile, certificate.ExportCertificatePem(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, written);
        return (certificateFile, keyFile);
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What the system says may be about a file that was to be found, and of no folder.
            throw new IOException($"--out takes a folder, and '{folder}' is none and can't be made: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static X509Certificate2 Make(ECDsa key, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(ListenAddresses.Localhost);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);

        var request = new CertificateRequest($"CN={ListenAddresses.Localhost}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(now - ClockSkew, now + Validity);
    }

    private static void WriteNew(string path, string pem, UnixFileMode mode, List<string> written)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;

        using var file = new FileStream(path, options);
        written.Add(path);
        file.Write(Encoding.ASCII.GetBytes(pem + "\n"));
    }
}
