namespace RawWs.Redis.Client;

/// <summary>What a server says of its part in a replication. A primary may become a replica while connections to it stay open, and channels show nothing of it.</summary>
internal static class PrimaryCheck
{
    /// <summary>
    /// Asks for the part, on a connection that speaks RESP3 already: of all commands that tell it this one needs no permission, and may be sent where there are subscriptions.
    /// </summary>
    public static RedisCommand Question { get; } = new("HELLO", 3);

    /// <summary>Whether an answer to <c>HELLO</c> is that of a replica. A server that does not say what it is, such as a proxy, is taken for a primary.</summary>
    public static bool IsReplica(RespValue hello)
    {
        var properties = hello.Items;
        for (var place = 0; place + 1 < properties.Count; place += 2)
        {
            // The older name is what others than Redis say.
            if (properties[place].Is("role"u8))
                return properties[place + 1].Is("replica"u8) || properties[place + 1].Is("slave"u8);
        }

        return false;
    }

    /// <summary>Whether an answer is one of a server that has become a replica: it refuses what writes, or everything without its primary, and sends back what waited there.</summary>
    public static bool IsDemotion(RespValue answer)
        => answer.Type == RespType.Error
            && (answer.Bytes.Span.StartsWith("READONLY "u8) || answer.Bytes.Span.StartsWith("MASTERDOWN "u8) || answer.Bytes.Span.StartsWith("UNBLOCKED force unblock"u8));

    /// <summary>Whether an answer says that somebody has ended the waiting of a command (<c>CLIENT UNBLOCK … ERROR</c>), for whatever reason but that the server has become a replica.</summary>
    public static bool IsUnblocked(RespValue answer) => answer.Type == RespType.Error && answer.Bytes.Span.StartsWith("UNBLOCKED "u8) && !IsDemotion(answer);
}
