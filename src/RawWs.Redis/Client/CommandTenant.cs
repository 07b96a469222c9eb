using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Client;

/// <summary>A connection for commands.</summary>
/// <param name="metrics">The client's.</param>
/// <param name="reportLost">Is told each time that the connection has ended; null: nobody is.</param>
internal sealed class CommandTenant(RedisMetrics metrics, Action? reportLost = null) : ILinkTenant
{
    /// <inheritdoc/>
    public bool MayAnswerLate => false;

    /// <inheritdoc/>
    public bool TryTake(RespValue value)
    {
        if (value.Type != RespType.Push)
            return false;

        // RESP3 lets a server say things between answers. Nothing here has asked for any.
        metrics.PushIgnored();
        return true;
    }

    /// <inheritdoc/>
    public void OnOpened(RedisConnection connection)
    {
        // Whoever wants something asks.
    }

    /// <inheritdoc/>
    public void OnLost() => reportLost?.Invoke();
}
