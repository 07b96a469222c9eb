namespace RawWs.Redis;

/// <summary>
/// What the backplane asks of Redis, and all of it: another client, such as one that the application has anyway, can be put behind this in some fifty lines. docs/scale-out.md
/// shows one.
/// </summary>
/// <remarks>Thread-safe. Whoever makes a client disposes it.</remarks>
public interface IRedisClient : IAsyncDisposable
{
    /// <summary>Whether there is a connection at this moment.</summary>
    bool IsConnected { get; }

    /// <summary>
    /// Has a command executed. Those that are given one after the other are executed in this order, and none waits for the answer to the one before. What can't be sent now fails at once: nothing
    /// is kept for later.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the waiting; whether the command is executed all the same is not known.</param>
    /// <returns>The answer, which is no error.</returns>
    /// <exception cref="RedisErrorException">Redis has answered with an error.</exception>
    /// <exception cref="RedisUnavailableException">There is no connection, too much is unanswered, or the connection was lost before the answer: then whether it was executed is not known.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default);

    /// <summary>Subscribes to a channel, whether or not there is a connection now: the subscription is made on each new one.</summary>
    /// <param name="channel">The channel. Several subscriptions to the same one are several.</param>
    /// <param name="subscriber">Who is told.</param>
    IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber);
}
