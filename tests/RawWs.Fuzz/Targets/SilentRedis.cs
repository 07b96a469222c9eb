using RawWs.Redis;

namespace RawWs.Fuzz;

/// <summary>A Redis that has every subscription at once, keeps what is published, and hands on only what it is told to.</summary>
internal sealed class SilentRedis : IRedisClient
{
    private readonly List<RedisSubscriber> _subscribers = [];

    /// <summary>What has been published, in its order.</summary>
    public List<ReadOnlyMemory<byte>> Published { get; } = [];

    /// <inheritdoc/>
    public bool IsConnected => true;

    /// <summary>Hands something on to whoever has subscribed first: all subscriptions of an adapter have one receiver.</summary>
    public void Deliver(string channel, ReadOnlyMemory<byte> payload) => _subscribers[0].OnMessage(new RedisMessage(channel, payload));

    /// <inheritdoc/>
    public ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Name is "PUBLISH" or "SPUBLISH")
        {
            lock (Published)
            {
                Published.Add(command.Arguments[1]);
            }
        }

        return new(RespValue.FromInteger(1));
    }

    /// <inheritdoc/>
    public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber)
    {
        _subscribers.Add(subscriber);
        return new Subscription();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private sealed class Subscription : IRedisSubscription
    {
        public bool IsConfirmed => true;

        public ValueTask WaitForConfirmationAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync() => default;
    }
}
