using Microsoft.Extensions.Logging;
using RawWs.Diagnostics;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>Counts and logs what becomes of TLS handshakes and certificates.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class TlsReports(ServerMetrics metrics, TimeProvider time, ILogger logger) : ITlsObserver
{
    private bool _isStarted;

    /// <summary>From now on what is loaded is loaded again.</summary>
    public void OnStarted() => Volatile.Write(ref _isStarted, true);

    /// <summary>A client's handshake has failed.</summary>
    public void OnFailure(long id, object? remoteEndPoint, TlsFailure failure)
    {
        metrics.TlsFailed(NameOf(failure.Kind));
        LogFailure(id, remoteEndPoint, failure.Reason);
    }

    /// <inheritdoc/>
    public void OnCertificateLoaded(string name, ServerCertificate certificate)
    {
        CountReload(isLoaded: true);
        var now = time.GetUtcNow();
        if (now < certificate.NotBefore || now > certificate.NotAfter)
            LogOutOfTime(name, certificate.NotBefore, certificate.NotAfter);
        else
            LogLoaded(name, string.Join(", ", certificate.DnsNames), certificate.NotAfter);
    }

    /// <inheritdoc/>
    public void OnAuthoritiesLoaded(string name)
    {
        CountReload(isLoaded: true);
        LogAuthoritiesLoaded(name);
    }

    /// <inheritdoc/>
    public void OnReloadFailed(string name, string reason)
    {
        CountReload(isLoaded: false);
        LogReloadFailed(name, reason);
    }

    private void CountReload(bool isLoaded)
    {
        if (Volatile.Read(ref _isStarted))
            metrics.TlsReloaded(isLoaded);
    }

    private static string NameOf(TlsFailureKind kind) => kind switch
    {
        TlsFailureKind.PlainHttp => "plain_http",
        TlsFailureKind.NoTls => "no_tls",
        TlsFailureKind.Refused => "refused",
        TlsFailureKind.Late => "late",
        _ => "cut",
    };

    [LoggerMessage(70, LogLevel.Debug, "Connection {Id}: TLS handshake with {RemoteEndPoint} failed, {Reason}")]
    private partial void LogFailure(long id, object? remoteEndPoint, string reason);

    [LoggerMessage(71, LogLevel.Information, "The certificate from {Name} is in use, for {DnsNames}, until {NotAfter:u}")]
    private partial void LogLoaded(string name, string dnsNames, DateTimeOffset notAfter);

    [LoggerMessage(72, LogLevel.Warning, "The certificate from {Name} is in use, but valid only from {NotBefore:u} to {NotAfter:u}: clients will refuse it")]
    private partial void LogOutOfTime(string name, DateTimeOffset notBefore, DateTimeOffset notAfter);

    [LoggerMessage(73, LogLevel.Information, "The authorities of client certificates from {Name} are in use")]
    private partial void LogAuthoritiesLoaded(string name);

    [LoggerMessage(74, LogLevel.Warning, "The changed files {Name} can't be used, and what was there before stays in use: {Reason}")]
    private partial void LogReloadFailed(string name, string reason);
}
