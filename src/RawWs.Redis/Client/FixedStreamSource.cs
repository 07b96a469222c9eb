namespace RawWs.Redis.Client;

/// <summary>A stream on the only server that there is.</summary>
internal sealed class FixedStreamSource(RedisOptions options, string key) : IStreamSource
{
    /// <inheritdoc/>
    public string Key => key;

    /// <inheritdoc/>
    public RedisOptions Find() => options;

    /// <inheritdoc/>
    public bool IsElsewhere(RedisErrorException error) => false;
}
