using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Testing;

/// <summary>Issues certificates for tests, valid from yesterday for a month.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static int _lastSerialNumber;
    private readonly X509Certificate2 _certificate;

    /// <summary>A new one, which nobody trusts by itself.</summary>
    public CertificateAuthority(string name = "test authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    /// <summary>Its own certificate, in PEM form.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>A certificate for a server.</summary>
    /// <param name="names">The DNS names it is for, the first being its common name.</param>
    public X509Certificate2 IssueForServer(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddIpAddress(IPAddress.Loopback);
        foreach (var name in names)
            alternatives.AddDnsName(name);

        return Issue(names[0], ServerAuthentication, alternatives.Build());
    }

    /// <summary>A certificate for a client.</summary>
    public X509Certificate2 IssueForClient(string name) => Issue(name, ClientAuthentication);

    /// <summary>Writes a new certificate for <c>localhost</c> and its key as PEM files.</summary>
    public static (string CertificateFile, string KeyFile) Write(X509Certificate2 certificate, string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var (certificateFile, keyFile) = (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + "-key.pem"));
        using var key = certificate.GetECDsaPrivateKey()!; // It was issued with one.
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private X509Certificate2 Issue(string name, string purpose, params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        foreach (var extension in extensions)
            request.CertificateExtensions.Add(extension);

        using var issued = request.Create(
            _certificate, _certificate.NotBefore, _certificate.NotAfter, BitConverter.GetBytes(Interlocked.Increment(ref _lastSerialNumber)));
        return issued.CopyWithPrivateKey(key);
    }
}
