namespace RawWs.Redis.Client;

/// <summary>The answer to what a connection asks by itself, to know that the other end is there, and what it is.</summary>
/// <param name="answered">Is told.</param>
internal sealed class KeepAliveReply(Action<RespValue> answered) : PendingReply
{
    /// <inheritdoc/>
    public override void Complete(RespValue value) => answered(value);

    /// <inheritdoc/>
    public override void Fail(RedisUnavailableException error)
    {
        // The connection has ended, which others are told.
    }
}
