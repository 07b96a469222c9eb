namespace RawWs.Redis.Client;

/// <summary>Where a stream of a cluster is: its slot may move.</summary>
internal sealed class ClusterStreamSource(RedisClusterClient cluster, string key) : IStreamSource
{
    private RedisOptions _asked = cluster.OptionsFor(key);

    /// <inheritdoc/>
    public string Key => key;

    /// <inheritdoc/>
    public RedisOptions Find() => _asked = cluster.OptionsFor(key);

    // A stream that is on its way (ASK) has not arrived: it is waited for where it was until its slot has moved, so that it is read on at one server at a time.
    /// <inheritdoc/>
    public bool IsElsewhere(RedisErrorException error)
    {
        if (ClusterRedirection.Read(error, new(_asked.Host, _asked.Port)) is not { IsAsk: false } redirection)
            return false;

        cluster.Take(redirection);
        return true;
    }
}
