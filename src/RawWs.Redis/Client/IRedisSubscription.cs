namespace RawWs.Redis;

/// <summary>A subscription, until it is disposed. It outlives lost connections, and what Redis refuses: it is made again on each new connection, and when Redis takes it.</summary>
public interface IRedisSubscription : IAsyncDisposable
{
    /// <summary>Whether Redis has confirmed it on the connection that there is now.</summary>
    bool IsConfirmed { get; }

    /// <summary>Waits until Redis has confirmed it on the connection that there is then; returns at once if it has.</summary>
    /// <exception cref="RedisErrorException">
    /// Redis has refused it, such as for want of a permission. It is asked for again every <see cref="RedisOptions.MaxReconnectDelay"/>, and with the next connection, until it is confirmed or disposed: whoever waits
    /// later is told what Redis has said last. What is passing, such as a script that runs, is no refusal, and waited for.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">It has ended.</exception>
    ValueTask WaitForConfirmationAsync(CancellationToken cancellationToken = default);
}
