namespace RawWs.Redis.Tests.Rooms;

/// <summary>A client that is not ours, as far as a backplane can see.</summary>
internal sealed class WrappedClient(RedisClient client) : IRedisClient
{
    public bool IsConnected => client.IsConnected;

    public ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default) => client.ExecuteAsync(command, cancellationToken);

    public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber) => client.Subscribe(channel, subscriber);

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
