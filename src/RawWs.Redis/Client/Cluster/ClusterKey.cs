using System.Text;

namespace RawWs.Redis.Client;

/// <summary>What decides where in a cluster a command is executed.</summary>
internal static class ClusterKey
{
    /// <summary>The key of a command, or its sharded channel.</summary>
    /// <returns>Null if it has none: any server does.</returns>
    public static ReadOnlyMemory<byte>? Of(RedisCommand command) => (command.Name.ToUpperInvariant(), command.Arguments) switch
    {
        ("XREAD" or "XREADGROUP", var arguments) => Behind(arguments, "STREAMS"u8),
        ("PUBSUB", [_, var channel, ..]) => channel,
        ("PUBSUB" or "PING" or "INFO" or "CLUSTER" or "TIME", _) => null,
        (_, [var key, ..]) => key,
        _ => null,
    };

    /// <summary>Whether it counts subscriptions to channels that are heard on every server, each of which knows its own.</summary>
    public static bool IsCountOfAll(RedisCommand command)
        => command.Name.Equals("PUBSUB", StringComparison.OrdinalIgnoreCase) && command.Arguments is [var what, ..] && Ascii.EqualsIgnoreCase(what.Span, "NUMSUB"u8);

    private static ReadOnlyMemory<byte>? Behind(IReadOnlyList<ReadOnlyMemory<byte>> arguments, ReadOnlySpan<byte> word)
    {
        for (var place = 0; place + 1 < arguments.Count; place++)
        {
            if (Ascii.EqualsIgnoreCase(arguments[place].Span, word))
                return arguments[place + 1];
        }

        return null;
    }
}
