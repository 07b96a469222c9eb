using RawWs.Redis.Resp;

namespace RawWs.Redis.Client;

/// <summary>The confirmation of a subscription, or of its end, which has to be about the very channel.</summary>
/// <param name="command">The command.</param>
/// <param name="channel">The channel.</param>
/// <param name="complete">What follows from it; a value that is an error if Redis refuses.</param>
internal sealed class SubscriptionReply(string command, RedisChannel channel, Action<RespValue> complete) : PendingReply
{
    /// <inheritdoc/>
    public override void Complete(RespValue value)
    {
        var isOurs = value.Type == RespType.Error
            || (value.Items is [var kind, var name, _] && string.Equals(kind.ToText(), command, StringComparison.OrdinalIgnoreCase) && name.ToText() == channel.Name);
        if (!isOurs)
            throw new RespProtocolException("a subscription was answered with something else");

        complete(value);
    }

    /// <inheritdoc/>
    public override void Fail(RedisUnavailableException error)
    {
        // It is asked for again on the next connection.
    }
}
