using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Host.Tests;

public class CertificateTrustTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData(-2, -1, "it has expired, or is not valid yet")]
    [InlineData(1, 2, "it has expired, or is not valid yet")]
    [InlineData(-1, 1, "it was not issued by anybody who is trusted here")]
    public void What_is_wrong_with_a_certificate_is_told(int firstDay, int lastDay, string expected)
    {
        using var certificate = Make(Now.AddDays(firstDay), Now.AddDays(lastDay));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.Build(certificate);

        Assert.Equal((false, expected), Judge(certificate, chain, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Equal((true, null), Judge(certificate, chain, SslPolicyErrors.RemoteCertificateChainErrors, isInsecure: true));
    }

    // Whoever issued it, and also where that is wrong too.
    [Fact]
    public void A_certificate_of_somebody_else_is_told_as_such()
    {
        using var certificate = Make(Now.AddDays(-1), Now.AddDays(1));

        Assert.Equal(
            (false, "it is not for 'chat.example'"),
            Judge(certificate, null, SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_shows_no_certificate_is_not_trusted_by_anybody(bool isInsecure)
        => Assert.Equal((false, "there is none"), Judge(null, null, SslPolicyErrors.RemoteCertificateNotAvailable, isInsecure));

    private static (bool IsTrusted, string? Complaint) Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, bool isInsecure = false)
    {
        var trust = new CertificateTrust(new ClientOptions { Url = new Uri("wss://chat.example/"), IsInsecure = isInsecure });
        var isTrusted = trust.ToTlsOptions().RemoteCertificateValidationCallback!(trust, certificate, chain, errors); // It has one.
        return (isTrusted, trust.Complaint);
    }

    private static X509Certificate2 Make(DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, to);
    }
}
