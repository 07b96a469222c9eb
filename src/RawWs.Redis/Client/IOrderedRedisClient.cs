namespace RawWs.Redis.Client;

/// <summary>What our own clients can do besides: whoever speaks through a stream needs to know what was executed, and in which order.</summary>
internal interface IOrderedRedisClient : IRedisClient
{
    /// <summary>The clock of whatever waits for Redis.</summary>
    TimeProvider Time { get; }

    /// <summary>
    /// Has a command executed behind all that were given before it and are about the same key, or not at all: in a cluster it does not follow a key to another server, past commands that are still to come there.
    /// </summary>
    /// <inheritdoc cref="IRedisClient.ExecuteAsync"/>
    /// <exception cref="RedisErrorException">As always; one that <see cref="RedisErrorException.IsPassing"/> if the key is elsewhere, where the next attempt finds it.</exception>
    ValueTask<RespValue> ExecuteInOrderAsync(RedisCommand command, CancellationToken cancellationToken = default);

    /// <summary>Has commands about one key executed over one connection: if the answer to one is lost, so are those to all behind it.</summary>
    /// <exception cref="RedisUnavailableException">None of them can be sent.</exception>
    /// <returns>The answer to each, as <see cref="ExecuteInOrderAsync"/> gives it.</returns>
    Task<RespValue>[] ExecuteTogether(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken);

    /// <summary>Follows a stream from where it is now, over a connection that all who follow this stream share.</summary>
    /// <param name="key">The stream.</param>
    /// <param name="readCount">How many entries are read at once, at most. The first who follows the stream decides.</param>
    /// <param name="blockTime">How long Redis is asked to wait for an entry, likewise.</param>
    /// <param name="follower">Who is told, until <see cref="UnfollowAsync"/>.</param>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    void Follow(string key, int readCount, TimeSpan blockTime, IStreamFollower follower);

    /// <summary>Does not follow a stream any more. With the last who does, its connection ends.</summary>
    ValueTask UnfollowAsync(string key, IStreamFollower follower);
}
