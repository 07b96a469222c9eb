namespace RawWs.Redis.Client;

/// <summary>What several servers answer to <c>PUBSUB NUMSUB</c>: channels, each followed by the number of subscriptions to it.</summary>
internal static class SubscriptionCounts
{
    /// <summary>What all of them have together.</summary>
    /// <param name="replies">The answers, one at least.</param>
    /// <exception cref="RedisErrorException">One of them is no such answer.</exception>
    public static RespValue Sum(IReadOnlyList<RespValue> replies)
    {
        var sums = replies[0].Items.ToArray();
        for (var place = 1; place < sums.Length; place += 2)
            sums[place] = RespValue.FromInteger(replies.Sum(reply => CountAt(reply, place)));

        return RespValue.FromItems(sums);
    }

    private static long CountAt(RespValue reply, int place) => reply.Items.Count > place && reply.Items[place] is { Type: RespType.Integer } count
        ? Math.Clamp(count.ToInteger(), 0, int.MaxValue)
        : throw new RedisErrorException("ERR A server of the cluster does not count subscriptions as it was asked to.");
}
