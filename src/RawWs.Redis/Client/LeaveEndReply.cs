using RawWs.Redis.Resp;

namespace RawWs.Redis.Client;

/// <summary>The answer to the <c>PING</c> behind a <c>SUNSUBSCRIBE</c>: nothing about that comes any more.</summary>
/// <param name="ended">Is told.</param>
internal sealed class LeaveEndReply(Action ended) : PendingReply
{
    /// <inheritdoc/>
    public override void Complete(RespValue value)
    {
        // Over RESP2 it is an array where there are subscriptions. It may be refused, too, for want of a permission.
        var isOurs = value.Type == RespType.Error || value.Is("PONG"u8) || (value.Items is [var pong, _] && pong.Is("pong"u8));
        if (!isOurs)
            throw new RespProtocolException("a PING was answered with something else");

        ended();
    }

    /// <inheritdoc/>
    public override void Fail(RedisUnavailableException error)
    {
        // As for the end of the subscription.
    }
}
