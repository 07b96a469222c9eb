namespace RawWs.Redis.Client;

/// <summary>What our own clients can do besides: whoever speaks through a stream needs to know what was executed, and in which order.</summary>
internal interface IOrderedRedisClient : IRedisClient
{
    /// <summary>The clock of whatever waits for Redis.</summary>
    TimeProvider Time { get; }

    /// <summary>Bytes that unanswered commands may have together: a command of more can never be sent.</summary>
    int MaxPendingSize { get; }

    /// <summary>Begins a pipeline, to where the key is now. While commands of another one are under way, these may overtake them.</summary>
    /// <exception cref="RedisUnavailableException">There is no connection to there.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    IRedisPipeline BeginPipeline(string key);

    /// <summary>Has commands about one key executed over one connection: if the answer to one is lost, so are those to all behind it.</summary>
    /// <exception cref="RedisUnavailableException">None of them can be sent.</exception>
    /// <returns>The answer to each, as <see cref="IRedisPipeline.ExecuteAsync"/> gives it.</returns>
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
