namespace RawWs.Host.Tests;

public sealed class DashboardHistoryTests
{
    private readonly DashboardHistory _history = new();

    [Fact]
    public void Round_trips_are_told_since_the_oldest_point_also_where_there_were_no_buckets_yet()
    {
        Assert.Empty(_history.RecentRoundTrips);

        _history.Add([0], []);
        Assert.Empty(_history.RecentRoundTrips);
        _history.Add([1_000], [3, 1]);
        Assert.Equal([3, 1], _history.RecentRoundTrips);
        _history.Add([DashboardHistory.Length.TotalMilliseconds + 1], [10, 1]);

        // The first is too old now.
        Assert.Equal([7, 0], _history.RecentRoundTrips);
    }

    // It is sent by itself.
    [Fact]
    public void The_latest_point_is_not_among_those_before_it()
    {
        Assert.Empty(_history.ToArray(DateTimeOffset.FromUnixTimeMilliseconds(0)));

        _history.Add([1_000], []);
        _history.Add([2_000], []);
        _history.Add([3_000], []);

        Assert.Equal([[1_000.0], [2_000.0]], _history.ToArray(DateTimeOffset.FromUnixTimeMilliseconds(3_000)));
    }
}
