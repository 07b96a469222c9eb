namespace RawWs.Host;

/// <summary>What the charts show: the points of the last five minutes in which somebody watched, 300 at most, about 130 KiB.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class DashboardHistory
{
    /// <summary>How many points are kept.</summary>
    public const int MaxCount = 300;

    /// <summary>How long.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(5);

    private readonly Queue<(double[] Point, long[] RoundTrips)> _points = new();
    private long[] _latestRoundTrips = [];

    /// <summary>How many pings were answered within each bucket since the oldest point.</summary>
    public long[] RecentRoundTrips => _points.TryPeek(out var oldest) ? Difference(_latestRoundTrips, oldest.RoundTrips) : [];

    /// <param name="point">Its time first.</param>
    /// <param name="roundTrips">How many pings had been answered by then, for each bucket.</param>
    public void Add(double[] point, long[] roundTrips)
    {
        RemoveBefore(point[0] - Length.TotalMilliseconds);
        if (_points.Count == MaxCount)
            _points.Dequeue();

        _points.Enqueue((point, roundTrips));
        _latestRoundTrips = roundTrips;
    }

    /// <summary>The points before the latest, of the last five minutes.</summary>
    public double[][] ToArray(DateTimeOffset now)
    {
        RemoveBefore(now.ToUnixTimeMilliseconds() - Length.TotalMilliseconds);
        return [.. _points.Take(_points.Count - 1).Select(kept => kept.Point)];
    }

    private void RemoveBefore(double time)
    {
        while (_points.TryPeek(out var oldest) && oldest.Point[0] < time)
            _points.Dequeue();
    }

    // A histogram that has not counted yet has no buckets.
    private static long[] Difference(long[] counts, long[] before) => [.. counts.Select((count, index) => count - (index < before.Length ? before[index] : 0))];
}
