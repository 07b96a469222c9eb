using System.Text;

namespace RawWs.Redis.Client;

/// <summary>What decides where in a cluster a command is executed.</summary>
internal static class ClusterKey
{
    /// <summary>The key of a command, or its channel.</summary>
    /// <returns>Null if it has none: then it is about one master, always the same.</returns>
    /// <remarks>A key that is looked for in the wrong place costs a redirection, and nothing else: servers know where keys are.</remarks>
    public static ReadOnlyMemory<byte>? Of(RedisCommand command) => (command.Name.ToUpperInvariant(), command.Words) switch
    {
        ("XREAD" or "XREADGROUP", var words) => Behind(words, "STREAMS"u8),
        ("EVAL" or "EVALSHA" or "EVAL_RO" or "EVALSHA_RO" or "FCALL" or "FCALL_RO", [_, _, _, var key, ..]) => key,
        ("PUBSUB", [_, var what, ..]) when Ascii.EqualsIgnoreCase(what.Span, "CHANNELS"u8) || Ascii.EqualsIgnoreCase(what.Span, "SHARDCHANNELS"u8) => null,
        ("PUBSUB" or "XINFO" or "XGROUP" or "OBJECT" or "MEMORY" or "BITOP", [_, _, var key, ..]) => key,
        ("EVAL" or "EVALSHA" or "EVAL_RO" or "EVALSHA_RO" or "FCALL" or "FCALL_RO" or "PUBSUB" or "XINFO" or "XGROUP" or "OBJECT" or "MEMORY", _) => null,
        ("SCAN" or "KEYS" or "FLUSHALL" or "FLUSHDB" or "SWAPDB", _) => null,
        ("PING" or "ECHO" or "INFO" or "CLUSTER" or "TIME" or "CLIENT" or "COMMAND" or "CONFIG" or "SCRIPT" or "FUNCTION" or "ACL", _) => null,
        ("MODULE" or "LATENCY" or "SLOWLOG" or "DEBUG" or "LOLWUT" or "BGSAVE" or "SHUTDOWN" or "FAILOVER" or "REPLICAOF" or "SLAVEOF", _) => null,
        (_, [_, var key, ..]) => key,
        _ => null,
    };

    /// <summary>Whether it is the same on every server, whoever has the slot of its channel: what is published to a channel is heard on all.</summary>
    public static bool IsForAnyServer(RedisCommand command) => command.Name.Equals("PUBLISH", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it counts subscriptions to channels that are heard on every server, each of which knows its own.</summary>
    public static bool IsCountOfAll(RedisCommand command)
        => command.Name.Equals("PUBSUB", StringComparison.OrdinalIgnoreCase) && command.Words is [_, var what, ..] && Ascii.EqualsIgnoreCase(what.Span, "NUMSUB"u8);

    private static ReadOnlyMemory<byte>? Behind(IReadOnlyList<ReadOnlyMemory<byte>> words, ReadOnlySpan<byte> keyword)
    {
        for (var place = 1; place + 1 < words.Count; place++)
        {
            if (Ascii.EqualsIgnoreCase(words[place].Span, keyword))
                return words[place + 1];
        }

        return null;
    }
}
