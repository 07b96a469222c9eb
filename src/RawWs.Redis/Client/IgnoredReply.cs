namespace RawWs.Redis.Client;

/// <summary>An answer that matters to nobody but by coming.</summary>
internal sealed class IgnoredReply : PendingReply
{
    /// <inheritdoc/>
    public override void Complete(RespValue value)
    {
        // That it came has been noticed.
    }

    /// <inheritdoc/>
    public override void Fail(RedisUnavailableException error)
    {
        // The connection has ended, which others are told.
    }
}
