using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Host;

/// <summary>Whose certificates a client takes, and why it did not take the last that it did not.</summary>
/// <param name="options">Whom to trust.</param>
internal sealed class CertificateTrust(ClientOptions options)
{
    private volatile string? _complaint;

    /// <summary>What was wrong with the certificate that was refused last, as the end of a sentence; null if none was.</summary>
    public string? Complaint => _complaint;

    /// <summary>What TLS is told of it. May be used by many connections at once.</summary>
    public SslClientAuthenticationOptions ToTlsOptions() => new()
    {
        CertificateChainPolicy = options.Authorities is { } authorities ? PolicyFor(authorities) : null,
        RemoteCertificateValidationCallback = IsTrusted,
    };

    private static X509ChainPolicy PolicyFor(X509Certificate2Collection authorities)
    {
        // No revocation list is looked up, as without a file, and nothing is fetched from where a certificate says.
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || (options.IsInsecure && certificate is not null))
            return true;

        _complaint = Describe(chain, errors);
        return false;
    }

    private string Describe(X509Chain? chain, SslPolicyErrors errors)
    {
        if ((errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
            return "there is none";
        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            return $"it is not for '{options.Url.Host}'";

        return chain is not null && chain.ChainStatus.Any(status => (status.Status & X509ChainStatusFlags.NotTimeValid) != 0)
            ? "it has expired, or is not valid yet"
            : "it was not issued by anybody who is trusted here";
    }
}
