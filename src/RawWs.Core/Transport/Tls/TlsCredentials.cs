using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawWs.Transport;

/// <summary>What a server shows and asks for in TLS handshakes, as its files have it at this moment.</summary>
/// <remarks>Thread-safe, but for <see cref="Load"/>, which comes first.</remarks>
internal sealed class TlsCredentials : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // One for all: each connection keeps it.
    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http11];

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ITlsObserver _observer;
    private readonly WatchedFiles<ServerCertificate>[] _certificates;
    private readonly WatchedFiles<X509ChainPolicy>? _clientPolicy;
    private CertificateTable? _table;
    private ITimer? _timer;
    private int _isLooking;

    /// <param name="options">Where everything comes from.</param>
    /// <param name="time">The clock by which files are looked at.</param>
    /// <param name="observer">Is told what is loaded, and what can't be.</param>
    /// <exception cref="ArgumentException">There is no certificate.</exception>
    public TlsCredentials(TlsOptions options, TimeProvider time, ITlsObserver observer)
    {
        if (options.Certificates.Count == 0)
            throw new ArgumentException($"TLS needs a certificate; add one to {nameof(TlsOptions)}.{nameof(TlsOptions.Certificates)}.", nameof(options));

        (_options, _time, _observer) = (options, time, observer);
        _certificates = [.. options.Certificates.Select(certificate => new WatchedFiles<ServerCertificate>(certificate.Files, certificate.Parse))];
        if (options.ClientCertificates is { AuthorityFile: var file })
            _clientPolicy = new WatchedFiles<X509ChainPolicy>([file], contents => PolicyOf(file, contents[0]));
    }

    /// <summary>Loads everything, and from then on looks for changes.</summary>
    /// <exception cref="IOException">Something can't be loaded; the message says what, why, and what to do.</exception>
    public void Load()
    {
        foreach (var certificate in _certificates)
        {
            certificate.Load();
            _observer.OnCertificateLoaded(certificate.Name, certificate.Current);
        }

        _clientPolicy?.Load();
        _table = NewTable();
        if (_options.ReloadInterval != Timeout.InfiniteTimeSpan)
            _timer = _time.CreateTimer(static credentials => ((TlsCredentials)credentials!).Look(), this, _options.ReloadInterval, _options.ReloadInterval);
    }

    /// <summary>What is agreed on with a client that asks for <paramref name="serverName"/>; empty or null if it asks for none.</summary>
    public SslServerAuthenticationOptions OptionsFor(string? serverName)
    {
        var certificate = Volatile.Read(ref _table)!.Find(serverName); // Loaded, before anybody listened.

        // A policy collects what is found on the way: each handshake has its own.
        var policy = _clientPolicy?.Current.Clone();
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = Protocols,
            AllowRenegotiation = false,
            ClientCertificateRequired = policy is not null,
            CertificateChainPolicy = policy,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = policy is null ? null : IsAllowed,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private bool IsAllowed(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        => errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateNotAvailable && !_options.ClientCertificates!.IsRequired); // There is a policy, so there are such.

    private CertificateTable NewTable() => new([.. _certificates.Select(certificate => certificate.Current)]);

    private void Look()
    {
        // A look that takes longer than the interval is not joined by the next.
        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
            return;

        foreach (var certificate in _certificates)
        {
            if (certificate.TryReload(out var failure))
            {
                // It is in use when that is told.
                Volatile.Write(ref _table, NewTable());
                _observer.OnCertificateLoaded(certificate.Name, certificate.Current);
            }

            Report(certificate.Name, failure);
        }

        if (_clientPolicy is not null)
        {
            if (_clientPolicy.TryReload(out var failure))
                _observer.OnAuthoritiesLoaded(_clientPolicy.Name);

            Report(_clientPolicy.Name, failure);
        }

        Volatile.Write(ref _isLooking, 0);
    }

    private void Report(string name, string? failure)
    {
        if (failure is not null)
            _observer.OnReloadFailed(name, failure);
    }

    /// <exception cref="IOException">There is no authority in it.</exception>
    private static X509ChainPolicy PolicyOf(string file, byte[] pem)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            ApplicationPolicy = { new Oid(ClientAuthentication) },
        };

        try
        {
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException error)
        {
            throw new IOException($"The authorities of client certificates in '{file}' can't be read: {error.Message}", error);
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new IOException($"'{file}' holds no certificate of an authority in PEM form, which begins with -----BEGIN CERTIFICATE-----.");
    }
}
