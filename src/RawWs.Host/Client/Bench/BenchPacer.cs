namespace RawWs.Host;

/// <summary>Lets messages leave at a fixed rate, over all connections in turn.</summary>
/// <param name="connections">Those.</param>
/// <param name="perSecond">The rate.</param>
internal sealed class BenchPacer(IReadOnlyList<BenchConnection> connections, int perSecond)
{
    // The system's timers have the grain of a millisecond: what is closer is waited for without sleeping.
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(2);

    // How far it may fall behind at the end before it gives up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Sends what is due until the end, on the caller's thread, which it keeps busy.</summary>
    /// <returns>Whether everything has left.</returns>
    public bool Run(BenchTime time, CancellationToken cancellationToken)
    {
        var pace = new Pace(perSecond);
        pace.Start(time.Begin);
        var spin = new SpinWait();
        var turn = 0;
        while (pace.Next < time.End && !cancellationToken.IsCancellationRequested)
        {
            var now = BenchTime.Now;
            if (now > time.End + BenchTime.In(Patience))
                return false;

            if (pace.Next - now > BenchTime.In(Grain))
                cancellationToken.WaitHandle.WaitOne(TimeProvider.System.GetElapsedTime(now, pace.Next) - Grain);
            else if (pace.Next > now)
                spin.SpinOnce(sleep1Threshold: -1);

            for (; pace.Next <= now && pace.Next < time.End; pace.MoveOn())
                connections[turn++ % connections.Count].Send(pace.Next);
        }

        return true;
    }
}
