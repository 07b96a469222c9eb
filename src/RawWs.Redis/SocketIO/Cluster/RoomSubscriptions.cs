namespace RawWs.Redis.SocketIO;

/// <summary>The subscriptions to the channels of those rooms that have members on this server.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="subscribe">Subscribes to the channel of a room.</param>
internal sealed class RoomSubscriptions(Func<string, IRedisSubscription> subscribe)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IRedisSubscription> _subscriptions = new(StringComparer.Ordinal);
    private bool _isEnded;

    /// <summary>A room has its first member.</summary>
    public void Add(string room)
    {
        lock (_gate)
        {
            if (!_isEnded && !_subscriptions.ContainsKey(room))
                _subscriptions.Add(room, subscribe(room));
        }
    }

    /// <summary>A room has lost its last member.</summary>
    public void Remove(string room)
    {
        IRedisSubscription? subscription;
        lock (_gate)
        {
            _subscriptions.Remove(room, out subscription);
        }

        // To unsubscribe waits for nothing.
        if (subscription is not null)
            _ = subscription.DisposeAsync().AsTask();
    }

    /// <summary>Ends all of them; there will be no others.</summary>
    public async Task EndAsync()
    {
        IRedisSubscription[] subscriptions;
        lock (_gate)
        {
            _isEnded = true;
            subscriptions = [.. _subscriptions.Values];
            _subscriptions.Clear();
        }

        foreach (var subscription in subscriptions)
            await subscription.DisposeAsync().ConfigureAwait(false);
    }
}
