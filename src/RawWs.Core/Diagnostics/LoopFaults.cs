using Microsoft.Extensions.Logging;

namespace RawWs.Diagnostics;

/// <summary>Counts and logs what keeps or breaks the event loops.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class LoopFaults(ServerMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private LogPace _pace;

    /// <summary>A turn of a loop takes too long.</summary>
    public void ReportStall(int loop)
    {
        metrics.LoopStalled();

        bool isToBeSaid;
        long unsaid;
        lock (_gate)
        {
            isToBeSaid = _pace.TrySay(time, out unsaid);
        }

        if (isToBeSaid)
            LogStalled(loop, unsaid);
    }

    /// <summary>Something went wrong on a loop that nobody has caught.</summary>
    public void ReportFailure(Exception error) => LogFailed(error);

    [LoggerMessage(60, LogLevel.Warning, "Event loop {Loop} stalls: a session blocks or computes for long, and the connections beside it wait; {Count} more stalls since this was last said")]
    private partial void LogStalled(int loop, long count);

    [LoggerMessage(61, LogLevel.Error, "A fault on an event loop that nobody has caught")]
    private partial void LogFailed(Exception error);
}
