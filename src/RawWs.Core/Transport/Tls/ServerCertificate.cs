using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawWs.Transport;

/// <summary>A certificate that is ready to be shown.</summary>
/// <param name="Context">What <see cref="SslStream"/> shows: the certificate, its key and its chain. Sessions that clients resume belong to it.</param>
/// <param name="DnsNames">The names that it is for; those with a wildcard begin with <c>*.</c></param>
/// <param name="NotBefore">When it begins to be valid.</param>
/// <param name="NotAfter">When it ends to be valid.</param>
internal sealed record ServerCertificate(SslStreamCertificateContext Context, IReadOnlyList<string> DnsNames, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <exception cref="IOException">That can't be used.</exception>
    public static ServerCertificate FromPem(string certificateFile, byte[] certificatePem, string keyFile, byte[] keyPem)
    {
        var (certificateText, keyText) = (Encoding.UTF8.GetString(certificatePem), Encoding.UTF8.GetString(keyPem));
        if (!certificateText.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
            throw new IOException($"'{certificateFile}' holds no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----. A PFX file is loaded as one.");

        if (keyText.Contains("ENCRYPTED", StringComparison.Ordinal))
            throw new IOException($"The key in '{keyFile}' has a passphrase; write it without one (openssl pkey -in '{keyFile}' -out key.pem), readable by this program only.");

        if (!keyText.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new IOException($"'{keyFile}' holds no private key in PEM form, which begins with -----BEGIN PRIVATE KEY----- or the like.");

        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificateText);
            return From(Persisted(X509Certificate2.CreateFromPem(certificateText, keyText)), chain);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"The certificate in '{certificateFile}' and the key in '{keyFile}' can't be used together: {error.Message}", error);
        }
    }

    /// <exception cref="IOException">That can't be used.</exception>
    public static ServerCertificate FromPfx(string file, byte[] content, string? password)
    {
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(content, password);
            return all.FirstOrDefault(certificate => certificate.HasPrivateKey) is { } own
                ? From(own, all)
                : throw new IOException($"'{file}' holds no certificate with a private key; export both together.");
        }
        catch (CryptographicException error)
        {
            throw new IOException($"'{file}' can't be read as a PFX file; either it is none, or its password is {(password is null ? "missing" : "wrong")}: {error.Message}", error);
        }
    }

    /// <exception cref="CryptographicException">It can't be used.</exception>
    public static ServerCertificate From(X509Certificate2 certificate, X509Certificate2Collection chain)
        // Offline: nobody waits for somebody else's server, from which a chain that is not whole would be completed.
        => new(SslStreamCertificateContext.Create(certificate, chain, offline: true), [.. NamesOf(certificate)], certificate.NotBefore, certificate.NotAfter);

    // RFC 6125 §6.4.4: the common name counts only where no other name is given.
    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == SubjectAlternativeName);
        return extension is null
            ? [certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)]
            : new X509SubjectAlternativeNameExtension(extension.RawData).EnumerateDnsNames();
    }

    // Windows takes no key that only lives in memory.
    private static X509Certificate2 Persisted(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }
}
