namespace RawWs.Redis;

/// <summary>The kinds of channels that there are subscriptions to.</summary>
public enum RedisChannelKind
{
    /// <summary>A channel by its name: <c>SUBSCRIBE</c>.</summary>
    Channel,

    /// <summary>All channels whose names match a pattern: <c>PSUBSCRIBE</c>.</summary>
    Pattern,

    /// <summary>A channel of a shard: <c>SSUBSCRIBE</c>, since Redis 7.</summary>
    Shard,
}
