using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>A channel on which nodes say something to each other that nobody keeps: what is lost is said again, or missing from an answer.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class NodeChannel(IRedisClient redis, RedisChannel channel, BackplaneMetrics metrics)
{
    /// <summary>What can be subscribed to.</summary>
    public RedisChannel Channel => channel;

    /// <returns>Whether Redis has taken it.</returns>
    public async Task<bool> TrySayAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            await redis.ExecuteAsync(new RedisCommand(channel.PublishCommand, channel.Name, message), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException or ObjectDisposedException)
        {
            metrics.NotSaid();
            return false;
        }
    }
}
