using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>
/// Tells everybody who watches how the server is: once a second, each time encoded once. While nobody watches it does nothing, and keeps nothing but what
/// the last ones saw.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="host">What does not change.</param>
/// <param name="take">Looks how the server is, for so many who watch.</param>
/// <param name="clock">When.</param>
/// <param name="logger">Where faults go.</param>
internal sealed partial class DashboardFeed(DashboardHost host, Func<int, SampleEvent> take, TimeProvider clock, ILogger logger)
{
    /// <summary>The time between two samples.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // One who reads too slowly is shown the newest, and not all that was missed.
    private static readonly SendOptions Newest = new() { Policy = SlowConsumerPolicy.Conflate, ConflationKey = "sample" };

    private readonly Lock _gate = new();
    private readonly List<WebSocketConnection> _viewers = [];
    private readonly DashboardHistory _history = new();
    private ITimer? _timer;
    private PreparedMessage? _latest;

    /// <summary>The session of whoever watches.</summary>
    public async Task RunAsync(WebSocketConnection viewer, CancellationToken cancellationToken)
    {
        try
        {
            Add(viewer);
            if (await viewer.ReceiveAsync(cancellationToken) is not null)
                await viewer.CloseAsync(CloseCode.PolicyViolation, "whoever watches says nothing");
        }
        finally
        {
            Remove(viewer);
        }
    }

    private void Add(WebSocketConnection viewer)
    {
        lock (_gate)
        {
            _viewers.Add(viewer);
            if (_timer is null)
            {
                Sample_NeedsLock();
                _timer = clock.CreateTimer(static feed => ((DashboardFeed)feed!).OnTick(), this, Interval, Interval);
            }

            viewer.Send(DashboardEvents.Write(new HelloEvent(host, DashboardColumns.Names, _history.ToArray(clock.GetUtcNow()))));
            viewer.Send(_latest!, Newest); // The timer is there after the first sample.
        }
    }

    private void Remove(WebSocketConnection viewer)
    {
        lock (_gate)
        {
            _viewers.Remove(viewer);
            if (_viewers.Count > 0)
                return;

            _timer?.Dispose();
            _timer = null;
        }
    }

    private void OnTick()
    {
        lock (_gate)
        {
            // The timer may have come up as the last one went.
            if (_viewers.Count == 0)
                return;

            try
            {
                Sample_NeedsLock();
            }
            catch (Exception error)
            {
                // The top of the timer: whatever an instrument throws, the next second is another one.
                LogSamplingFailed(error);
                return;
            }

            foreach (var viewer in _viewers)
                Show_NeedsLock(viewer);
        }
    }

    private void Show_NeedsLock(WebSocketConnection viewer)
    {
        try
        {
            viewer.Send(_latest!, Newest); // There has just been a sample.
        }
        catch (WebSocketClosedException)
        {
            // Its session is about to end, and takes it from the list.
        }
    }

    private void Sample_NeedsLock()
    {
        var sample = take(_viewers.Count);
        _history.Add(sample.Point, sample.RoundTrips);
        _latest = DashboardEvents.Write(sample with { RecentRoundTrips = _history.RecentRoundTrips });
    }

    [LoggerMessage(70, LogLevel.Error, "The dashboard could not read the meters")]
    private partial void LogSamplingFailed(Exception error);
}
