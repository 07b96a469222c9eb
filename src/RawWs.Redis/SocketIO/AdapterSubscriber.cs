namespace RawWs.Redis.SocketIO;

/// <summary>Hands on what comes from channels, and knows how often it may have missed something.</summary>
/// <remarks>Thread-safe, as far as <paramref name="receive"/> is.</remarks>
internal sealed class AdapterSubscriber(Action<RedisMessage> receive) : RedisSubscriber
{
    private int _interruptionCount;

    /// <summary>How often its subscriptions were interrupted.</summary>
    /// <returns>Null if they are not all confirmed now.</returns>
    public int? CountInterruptions(IRedisSubscription[] subscriptions)
    {
        // Before the look at them: one that is interrupted in between is not overlooked.
        var count = Volatile.Read(ref _interruptionCount);
        return subscriptions.Length > 0 && Array.TrueForAll(subscriptions, static subscription => subscription.IsConfirmed) ? count : null;
    }

    /// <inheritdoc/>
    public override void OnInterrupted() => Interlocked.Increment(ref _interruptionCount);

    /// <inheritdoc/>
    public override void OnMessage(RedisMessage message) => receive(message);
}
