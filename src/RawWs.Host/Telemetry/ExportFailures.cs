using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>
/// Tells of telemetry that could not be sent: OpenTelemetry itself only tells an event source. A collector that is away for long is one warning in ten minutes, with
/// the number of those that were not written.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ExportFailures : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly Uri _endPoint;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private long _toldAt;
    private bool _isTold;
    private int _untoldCount;

    /// <param name="endPoint">Where telemetry is sent to.</param>
    /// <param name="logger">Where failures are told.</param>
    /// <param name="time">The clock of the interval.</param>
    public ExportFailures(Uri endPoint, ILogger logger, TimeProvider time) => (_endPoint, _logger, _time) = (endPoint, logger, time);

    /// <summary>Something could not be sent.</summary>
    /// <param name="reason">Why; only its first line is told.</param>
    public void Report(string reason)
    {
        int untoldCount;
        lock (_gate)
        {
            if (_isTold && _time.GetElapsedTime(_toldAt) < Interval)
            {
                _untoldCount++;
                return;
            }

            (_isTold, _toldAt) = (true, _time.GetTimestamp());
            (untoldCount, _untoldCount) = (_untoldCount, 0);
        }

        HostLog.ExportFailed(_logger, _endPoint, reason.Split('\n')[0].TrimEnd(), untoldCount);
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
            EnableEvents(eventSource, EventLevel.Warning);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base class begins to listen before there are fields.
        if (_logger is not null)
            Report(string.Join(", ", eventData.Payload ?? []));
    }
}
