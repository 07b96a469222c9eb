using Microsoft.Extensions.Logging;
using RawWs.Diagnostics;

namespace RawWs.Server;

/// <summary>Counts and logs connections that begin without a usable header of the PROXY protocol. Nobody else is told: such a connection is aborted.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class ProxyReports(ServerMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private LogPace _pace;

    /// <summary>A connection was aborted for it.</summary>
    /// <param name="id">The connection's number.</param>
    /// <param name="peer">Who was connected.</param>
    /// <param name="kind">What it is counted as.</param>
    /// <param name="reason">What was wrong, as the end of a sentence.</param>
    public void OnFailure(long id, object? peer, ProxyFailureKind kind, string reason)
    {
        metrics.ProxyProtocolFailed(NameOf(kind));
        LogFailure(id, peer, reason);

        // Mostly a proxy that is set up otherwise than the server, and then nothing works: whoever runs them wants to know.
        if (kind is ProxyFailureKind.Untrusted or ProxyFailureKind.Malformed && IsToBeSaid(out var unsaid))
            LogMisfit(peer, reason, unsaid);
    }

    private bool IsToBeSaid(out long unsaid)
    {
        lock (_gate)
        {
            return _pace.TrySay(time, out unsaid);
        }
    }

    private static string NameOf(ProxyFailureKind kind) => kind switch
    {
        ProxyFailureKind.Untrusted => "untrusted",
        ProxyFailureKind.Malformed => "malformed",
        ProxyFailureKind.Late => "late",
        _ => "cut",
    };

    [LoggerMessage(80, LogLevel.Debug, "Connection {Id}: aborted before its PROXY protocol header from {Peer}, {Reason}")]
    private partial void LogFailure(long id, object? peer, string reason);

    [LoggerMessage(81, LogLevel.Warning, "Aborted a connection from {Peer}: {Reason}; {Count} others since the last such line")]
    private partial void LogMisfit(object? peer, string reason, long count);
}
