namespace RawWs.Redis.Client;

/// <summary>
/// Commands about one key, which are executed in the order in which they are given, over one connection to one server, or not at all. They do not follow the key to another server of a cluster, and do not go on over
/// the next connection: what becomes of those that are under way would be known too late.
/// </summary>
/// <remarks>Thread-safe. It holds nothing that had to be disposed.</remarks>
internal interface IRedisPipeline
{
    /// <summary>Has a command executed behind all that were given before it.</summary>
    /// <returns>
    /// The answer, which fails as that of <see cref="IRedisClient.ExecuteAsync"/> does; with a <see cref="RedisErrorException"/> that <see cref="RedisErrorException.IsPassing"/> if the key is elsewhere, where the
    /// next pipeline finds it.
    /// </returns>
    /// <exception cref="RedisUnavailableException">The connection is lost, or has too much to do: the command was not sent.</exception>
    Task<RespValue> ExecuteAsync(RedisCommand command);
}
