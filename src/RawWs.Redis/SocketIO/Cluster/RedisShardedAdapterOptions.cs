namespace RawWs.Redis;

/// <summary>How the servers of a cluster talk that use <see cref="RedisShardedAdapter"/>. The same on all of them.</summary>
public sealed class RedisShardedAdapterOptions
{
    /// <summary>What the names of all channels begin with. Default <c>socket.io</c>, as in Node.</summary>
    public string ChannelPrefix
    {
        get;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            field = value;
        }
    } = "socket.io";

    /// <summary>Which rooms have a channel of their own. Default <see cref="ShardedSubscriptionMode.Dynamic"/>, as in Node.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such mode.</exception>
    public ShardedSubscriptionMode SubscriptionMode
    {
        get;
        set => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(SubscriptionMode), value, "There is no such mode.");
    }

    /// <summary>How long other servers are waited for that are asked for their sockets. Default 5 s. Range: above 0.</summary>
    public TimeSpan RequestTimeout
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromSeconds(5);
}
