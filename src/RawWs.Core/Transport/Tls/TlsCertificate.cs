using System.Security.Cryptography.X509Certificates;
using RawWs.Transport;

namespace RawWs;

/// <summary>A certificate that a server shows, with its private key: where it comes from. Files are read when the server starts, and again when they change.</summary>
public sealed class TlsCertificate
{
    private readonly Func<IReadOnlyList<byte[]>, ServerCertificate> _parse;

    private TlsCertificate(IReadOnlyList<string> files, Func<IReadOnlyList<byte[]>, ServerCertificate> parse) => (Files, _parse) = (files, parse);

    /// <summary>The files that it is read from; empty if it is from memory.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Files in PEM form, as certificate authorities issue them.</summary>
    /// <param name="certificateFile">The certificate, and behind it those that lead to its authority (the chain).</param>
    /// <param name="keyFile">Its private key, without a passphrase. May be the same file.</param>
    public static TlsCertificate FromPemFiles(string certificateFile, string keyFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificateFile);
        ArgumentException.ThrowIfNullOrEmpty(keyFile);
        string[] files = [Path.GetFullPath(certificateFile), Path.GetFullPath(keyFile)];
        return new TlsCertificate(files, contents => ServerCertificate.FromPem(files[0], contents[0], files[1], contents[1]));
    }

    /// <summary>A PFX (PKCS #12) file with the certificate, its private key and the chain.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">Its password, null if it has none.</param>
    public static TlsCertificate FromPfxFile(string file, string? password = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        var path = Path.GetFullPath(file);
        return new TlsCertificate([path], contents => ServerCertificate.FromPfx(path, contents[0], password));
    }

    /// <summary>A certificate from memory, which never changes.</summary>
    /// <param name="certificate">The certificate, with its private key. Not disposed by the server, and not to be while that runs.</param>
    /// <param name="chain">The certificates that lead to its authority; null for none.</param>
    /// <exception cref="ArgumentException">It has no private key.</exception>
    public static TlsCertificate From(X509Certificate2 certificate, X509Certificate2Collection? chain = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!certificate.HasPrivateKey)
            throw new ArgumentException("A server needs its certificate's private key; load both together.", nameof(certificate));

        return new TlsCertificate([], _ => ServerCertificate.From(certificate, chain ?? []));
    }

    /// <summary>Makes the certificate of what its files hold.</summary>
    /// <exception cref="IOException">That can't be used; the message says why.</exception>
    internal ServerCertificate Parse(IReadOnlyList<byte[]> contents) => _parse(contents);
}
