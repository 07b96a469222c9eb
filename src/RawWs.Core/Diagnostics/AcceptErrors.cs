using Microsoft.Extensions.Logging;

namespace RawWs.Diagnostics;

/// <summary>Counts what goes wrong when connections are accepted, and logs it now and then.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class AcceptErrors(ServerMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private LogPace _pace;

    /// <summary>Accepting has failed, and is tried again.</summary>
    public void Report(string error)
    {
        metrics.AcceptFailed(error);

        bool isToBeSaid;
        long unsaid;
        lock (_gate)
        {
            isToBeSaid = _pace.TrySay(time, out unsaid);
        }

        if (isToBeSaid)
            LogAcceptFailed(error, unsaid);
    }

    [LoggerMessage(1, LogLevel.Warning, "Accepting connections failed ({Error}) and is tried again; {Count} more failures since this was last said")]
    private partial void LogAcceptFailed(string error, long count);
}
