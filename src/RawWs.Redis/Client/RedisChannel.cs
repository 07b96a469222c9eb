using System.Text;

namespace RawWs.Redis;

/// <summary>What can be subscribed to.</summary>
/// <param name="Name">The name of a channel, or a pattern such as <c>news.*</c>.</param>
/// <param name="Kind">Which of the two, and where.</param>
public readonly record struct RedisChannel(string Name, RedisChannelKind Kind = RedisChannelKind.Channel)
{
    /// <summary>The same with its name as Redis says it: what can't be encoded, such as a half of a surrogate pair, is sent as U+FFFD.</summary>
    internal RedisChannel AsSent => this with { Name = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Name)) };

    internal string PublishCommand => Kind == RedisChannelKind.Shard ? "SPUBLISH" : "PUBLISH";

    internal string SubscribeCommand => Kind switch { RedisChannelKind.Pattern => "PSUBSCRIBE", RedisChannelKind.Shard => "SSUBSCRIBE", _ => "SUBSCRIBE" };

    internal string UnsubscribeCommand => Kind switch { RedisChannelKind.Pattern => "PUNSUBSCRIBE", RedisChannelKind.Shard => "SUNSUBSCRIBE", _ => "UNSUBSCRIBE" };
}
