namespace RawWs.Redis.SocketIO;

/// <summary>Hands on what comes from a channel.</summary>
internal sealed class AdapterSubscriber(Action<RedisMessage> receive) : RedisSubscriber
{
    /// <inheritdoc/>
    public override void OnMessage(RedisMessage message) => receive(message);
}
