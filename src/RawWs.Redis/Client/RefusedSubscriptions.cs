namespace RawWs.Redis.Client;

/// <summary>
/// Subscriptions that Redis has refused on the connection that there is, until they are asked for again, all of them together: Redis tells nobody that a permission was given, and ends no connection by it.
/// </summary>
/// <remarks>The lock of <see cref="SubscriptionTable"/> guards it.</remarks>
/// <param name="time">The clock.</param>
/// <param name="interval">How long after the first of them was refused they are asked for.</param>
/// <param name="askAgain">Asks for them; called under no lock.</param>
internal sealed class RefusedSubscriptions(TimeProvider time, TimeSpan interval, Action askAgain)
{
    private readonly HashSet<RedisSubscription> _refused = [];

    // One for all of them, made when the first is refused.
    private ITimer? _timer;

    public void Add_NeedsLock(RedisSubscription subscription)
    {
        if (_refused.Count == 0)
            Wait();

        _refused.Add(subscription);
    }

    public void Remove_NeedsLock(RedisSubscription subscription) => _refused.Remove(subscription);

    /// <summary>Takes all of them. Those that are refused again come back.</summary>
    public RedisSubscription[] Take_NeedsLock()
    {
        RedisSubscription[] taken = [.. _refused];
        _refused.Clear();
        return taken;
    }

    /// <summary>There will be no others.</summary>
    public void End_NeedsLock()
    {
        _refused.Clear();
        _timer?.Dispose();
    }

    private void Wait()
    {
        if (_timer is null)
            _timer = time.CreateTimer(static ask => ((Action)ask!)(), askAgain, interval, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }
}
