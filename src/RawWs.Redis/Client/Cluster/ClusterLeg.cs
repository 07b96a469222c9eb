namespace RawWs.Redis.Client;

/// <summary>A subscription to a channel of a cluster, as far as one server is concerned.</summary>
internal sealed class ClusterLeg(ClusterSubscription subscription, RedisClient client) : RedisSubscriber
{
    private readonly Lock _gate = new();
    private IRedisSubscription? _there;
    private bool _isEnded;

    /// <summary>The client for the server.</summary>
    public RedisClient Client => client;

    /// <summary>Subscribes.</summary>
    public void Begin()
    {
        try
        {
            lock (_gate)
            {
                if (!_isEnded)
                    _there = client.Subscribe(subscription.Channel, this);
            }
        }
        catch (ObjectDisposedException)
        {
            // The server has left the cluster meanwhile, or the client for the cluster is disposed.
            subscription.ReportStale();
        }
    }

    /// <summary>Does not subscribe any more.</summary>
    public void End()
    {
        IRedisSubscription? there;
        lock (_gate)
        {
            (_isEnded, there) = (true, _there);
        }

        // To unsubscribe waits for nothing.
        _ = there?.DisposeAsync().AsTask();
    }

    /// <inheritdoc/>
    public override void OnConfirmed() => subscription.OnConfirmed(this);

    /// <inheritdoc/>
    public override void OnInterrupted() => subscription.OnInterrupted(this);

    /// <inheritdoc/>
    public override void OnMessage(RedisMessage message) => subscription.OnMessage(this, message);

    internal override bool TryTakeRefusal(RedisErrorException error) => subscription.TryTakeRefusal(this, error);
}
