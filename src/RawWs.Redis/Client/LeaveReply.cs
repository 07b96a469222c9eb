using RawWs.Redis.Resp;

namespace RawWs.Redis.Client;

/// <summary>The answer to <c>SUNSUBSCRIBE</c>, if there is one by itself. A <c>PING</c> is sent behind it, whose answer is a <see cref="LeaveEndReply"/>'s.</summary>
/// <remarks>
/// A server whose slot has gone to another one says that the subscription has ended before it is asked, and to whoever asks then that it is not the one to be asked: two values, where otherwise there is one or the other.
/// <code>
/// sunsubscribe x                  PONG    it has ended as it was to
/// sunsubscribe x  -MOVED …        PONG    the slot has gone, and SUNSUBSCRIBE came too late
/// sunsubscribe x  sunsubscribe x  PONG    it has gone and come back
///                 -MOVED …        PONG    it had gone before, or SUNSUBSCRIBE is refused
/// </code>
/// </remarks>
/// <param name="channel">The channel.</param>
internal sealed class LeaveReply(string channel) : PendingReply
{
    private bool _isHeard;

    public string Channel => channel;

    /// <summary>The server says that the subscription has ended, which is no answer yet.</summary>
    public void Hear() => _isHeard = true;

    /// <inheritdoc/>
    public override bool IsSkippedBy(RespValue next) => _isHeard && !IsAboutSlot(next);

    /// <inheritdoc/>
    public override void Complete(RespValue value)
    {
        // Without an end of the subscription it is refused.
        if (value.Type != RespType.Error)
            throw new RespProtocolException("the end of a subscription was answered with something else");
    }

    /// <inheritdoc/>
    public override void Fail(RedisUnavailableException error)
    {
        // With the connection the subscription has ended.
    }

    // No PING is answered with these, for it has no key.
    private static bool IsAboutSlot(RespValue value)
        => value.Type == RespType.Error
            && (value.Bytes.Span.StartsWith("MOVED "u8) || value.Bytes.Span.StartsWith("ASK "u8) || value.Bytes.Span.StartsWith("CLUSTERDOWN "u8));
}
