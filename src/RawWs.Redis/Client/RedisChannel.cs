namespace RawWs.Redis;

/// <summary>What can be subscribed to.</summary>
/// <param name="Name">The name of a channel, or a pattern such as <c>news.*</c>.</param>
/// <param name="Kind">Which of the two, and where.</param>
public readonly record struct RedisChannel(string Name, RedisChannelKind Kind = RedisChannelKind.Channel)
{
    internal string PublishCommand => Kind == RedisChannelKind.Shard ? "SPUBLISH" : "PUBLISH";

    internal string SubscribeCommand => Kind switch { RedisChannelKind.Pattern => "PSUBSCRIBE", RedisChannelKind.Shard => "SSUBSCRIBE", _ => "SUBSCRIBE" };

    internal string UnsubscribeCommand => Kind switch { RedisChannelKind.Pattern => "PUNSUBSCRIBE", RedisChannelKind.Shard => "SUNSUBSCRIBE", _ => "UNSUBSCRIBE" };
}
