using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>A channel on which nodes say something to each other that nobody keeps: what is lost is said again, or missing from an answer.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class NodeChannel(IRedisClient redis, RedisChannel channel, BackplaneMetrics metrics)
{
    private readonly Lock _gate = new();
    private bool _isEnded;

    /// <summary>What can be subscribed to.</summary>
    public RedisChannel Channel => channel;

    /// <returns>Whether Redis has taken it.</returns>
    public Task<bool> TrySayAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => TrySayAsync(message, isLast: false, cancellationToken);

    /// <summary>Says something behind all that is under way. Nothing is said any more behind it: by that others would take this node for alive again.</summary>
    public Task SayLastAsync(ReadOnlyMemory<byte> message) => TrySayAsync(message, isLast: true, CancellationToken.None);

    private async Task<bool> TrySayAsync(ReadOnlyMemory<byte> message, bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            ValueTask<RespValue> said;

            // A client is called under the lock, though not waited for: what is given to it first is executed first.
            lock (_gate)
            {
                if (_isEnded)
                    return false;

                _isEnded = isLast;
                said = redis.ExecuteAsync(new RedisCommand(channel.PublishCommand, channel.Name, message), cancellationToken);
            }

            await said.ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException or ObjectDisposedException)
        {
            metrics.NotSaid();
            return false;
        }
    }
}
