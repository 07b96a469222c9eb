namespace RawWs.Redis;

/// <summary>Which rooms have a channel of their own, so that servers without a member need not read what is for them. The same on all servers.</summary>
public enum ShardedSubscriptionMode
{
    /// <summary>All but those of single sockets: a room is taken for such by its 20 characters, as in Node.</summary>
    Dynamic,

    /// <summary>All.</summary>
    DynamicPrivate,

    /// <summary>None: each server has two subscriptions for each namespace, however many rooms there are.</summary>
    Static,
}
