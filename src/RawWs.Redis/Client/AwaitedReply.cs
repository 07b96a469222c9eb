namespace RawWs.Redis.Client;

/// <summary>An answer that somebody awaits; errors of Redis are answers too.</summary>
internal sealed class AwaitedReply : PendingReply
{
    // Continuations are the application's: they don't belong on the thread that reads.
    private readonly TaskCompletionSource<RespValue> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="RedisUnavailableException">It did not come.</exception>
    public Task<RespValue> Task => _answered.Task;

    /// <inheritdoc/>
    public override void Complete(RespValue value) => _answered.TrySetResult(value);

    /// <inheritdoc/>
    public override void Fail(RedisUnavailableException error)
    {
        _answered.TrySetException(error);

        // Whoever has stopped waiting does not look: that is no unobserved exception.
        _ = _answered.Task.Exception;
    }
}
