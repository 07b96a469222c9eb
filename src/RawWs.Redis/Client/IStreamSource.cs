namespace RawWs.Redis.Client;

/// <summary>Where a stream is.</summary>
internal interface IStreamSource
{
    /// <summary>Its key.</summary>
    string Key { get; }

    /// <summary>Where to connect to. Asked before each attempt, by one thread at a time.</summary>
    RedisOptions Find();

    /// <summary>Whether an error says that it is somewhere else, where <see cref="Find"/> leads from now on.</summary>
    bool IsElsewhere(RedisErrorException error);
}
