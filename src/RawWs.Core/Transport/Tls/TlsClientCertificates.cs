namespace RawWs;

/// <summary>
/// Which client certificates count: those that are valid now, are meant for clients (if they say what for), and were issued, directly or not, by an authority
/// in a file. Revocation is not looked up.
/// </summary>
/// <remarks>A client's certificate is in <see cref="WebSocketConnection.Tls"/> and <see cref="UpgradeRequest.Tls"/>.</remarks>
public sealed class TlsClientCertificates
{
    private TlsClientCertificates(string authorityFile, bool isRequired)
    {
        ArgumentException.ThrowIfNullOrEmpty(authorityFile);
        (AuthorityFile, IsRequired) = (Path.GetFullPath(authorityFile), isRequired);
    }

    /// <summary>The file with the certificates of the authorities, in PEM form.</summary>
    public string AuthorityFile { get; }

    /// <summary>Whether a client without a certificate is refused. One whose certificate does not count always is.</summary>
    public bool IsRequired { get; }

    /// <summary>Clients without a certificate that counts are refused.</summary>
    /// <param name="authorityFile">The certificates of the authorities, in PEM form. Looked at again every <see cref="TlsOptions.ReloadInterval"/>.</param>
    public static TlsClientCertificates Required(string authorityFile) => new(authorityFile, isRequired: true);

    /// <summary>Clients may show a certificate or none, and the application decides what that means.</summary>
    /// <inheritdoc cref="Required" path="/param"/>
    public static TlsClientCertificates Optional(string authorityFile) => new(authorityFile, isRequired: false);
}
