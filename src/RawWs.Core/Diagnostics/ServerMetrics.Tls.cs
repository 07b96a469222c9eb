using System.Diagnostics.Metrics;
using System.Security.Authentication;

namespace RawWs.Diagnostics;

// TLS handshakes and certificates.
internal sealed partial class ServerMetrics
{
    private Counter<long> _tlsHandshakes = null!; // The constructor calls CreateTlsInstruments.
    private Counter<long> _tlsFailures = null!;
    private Counter<long> _tlsReloads = null!;
    private Histogram<double> _tlsDuration = null!;

    /// <summary>A TLS handshake has succeeded.</summary>
    /// <param name="protocol">The version that was agreed on.</param>
    /// <param name="duration">The time since the connection was accepted.</param>
    public void TlsAgreed(SslProtocols protocol, TimeSpan duration)
    {
        _tlsHandshakes.Add(1, new KeyValuePair<string, object?>("tls.protocol.version", protocol == SslProtocols.Tls13 ? "1.3" : "1.2"));
        _tlsDuration.Record(duration.TotalSeconds);
    }

    /// <summary>A TLS handshake has failed.</summary>
    public void TlsFailed(string reason) => _tlsFailures.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));

    /// <summary>The files of a certificate have changed, and were taken over or not.</summary>
    public void TlsReloaded(bool isLoaded) => _tlsReloads.Add(1, new KeyValuePair<string, object?>("rawws.outcome", isLoaded ? "loaded" : "failed"));

    private void CreateTlsInstruments()
    {
        _tlsHandshakes = _meter.CreateCounter<long>("rawws.tls.handshakes", "{handshake}", "TLS handshakes that succeeded, by the version of TLS.");
        _tlsFailures = _meter.CreateCounter<long>("rawws.tls.failures", "{handshake}", "TLS handshakes that failed, by the reason.");
        _tlsReloads = _meter.CreateCounter<long>("rawws.tls.reloads", "{file}", "Changed files of certificates, by whether they could be used.");
        _tlsDuration = _meter.CreateHistogram<double>("rawws.tls.handshake.duration", "s", "From the acceptance of a connection to the end of its TLS handshake.");
    }
}
