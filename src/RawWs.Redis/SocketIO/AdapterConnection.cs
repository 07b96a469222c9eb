using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>What the adapter of a namespace says through Redis, and how many servers hear it. Nothing of it throws because Redis fails: what was not said is counted and logged.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="nsp">The namespace.</param>
/// <param name="redis">The client.</param>
/// <param name="counted">The channel that every server with this namespace is subscribed to.</param>
internal sealed class AdapterConnection(SocketIONamespace nsp, IRedisClient redis, RedisChannel counted) : IDisposable
{
    private readonly ILogger _logger = nsp.Options.LoggerFactory.CreateLogger("RawWs.Redis");
    private readonly LogPace _pace = new(nsp.Options.TimeProvider);
    private readonly LogPace _notRecoveredPace = new(nsp.Options.TimeProvider);

    // Where nothing moves, one connection keeps the order.
    private readonly ShardPublisher? _shards = redis is RedisClusterClient cluster ? new ShardPublisher(cluster) : null;
    private int _lastServerCount = 1;

    /// <summary>What is counted of the adapter.</summary>
    public AdapterMetrics Metrics { get; } = new();

    /// <summary>Publishes, and waits until Redis has confirmed it.</summary>
    /// <param name="channel">Where.</param>
    /// <param name="body">What.</param>
    /// <param name="acks">Who waits for answers to it: is told if nobody has heard it.</param>
    /// <returns>Whether it was published, as far as is known.</returns>
    public async Task<bool> TryPublishAsync(RedisChannel channel, ReadOnlyMemory<byte> body, IBroadcastAckReceiver? acks = null)
    {
        try
        {
            if (_shards is not null && channel.Kind == RedisChannelKind.Shard)
                await _shards.PublishAsync(channel, body).ConfigureAwait(false);
            else
                await redis.PublishAsync(channel, body).ConfigureAwait(false);

            return true;
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException or ObjectDisposedException)
        {
            NotSaid(error);

            // If the answer was lost with the connection, others may have heard it.
            if (acks is AckCollection asking && error is not RedisUnavailableException { IsUnsent: false })
                asking.AskNobodyElse();

            return false;
        }
    }

    /// <summary>Others were to be told something, and are not.</summary>
    public void NotSaid(Exception error)
    {
        Metrics.NotSaid();
        if (_pace.TrySay(out var count))
            AdapterLog.NotSaid(_logger, nsp.Name, error.Message, count);
    }

    /// <summary>What another server asks can't be answered.</summary>
    public void NotAnswered(Exception error) => AdapterLog.AnswerFailed(_logger, nsp.Name, error);

    /// <summary>What was said can't be delivered to the sockets of this server.</summary>
    public void NotDelivered(Exception error) => AdapterLog.DeliveryFailed(_logger, nsp.Name, error);

    /// <summary>A client can't be what it was before, and begins anew.</summary>
    public void NotRecovered(Exception error)
    {
        if (_notRecoveredPace.TrySay(out var count))
            AdapterLog.NotRecovered(_logger, nsp.Name, error.Message, count);
    }

    /// <summary>How many servers there are, this one among them.</summary>
    /// <returns>Null if Redis can't be asked, or has not even this one.</returns>
    public async ValueTask<int?> TryCountAsync(CancellationToken cancellationToken)
    {
        try
        {
            var count = (int)Math.Clamp(await redis.CountSubscriptionsAsync(counted, cancellationToken).ConfigureAwait(false), 0, int.MaxValue);
            if (count == 0)
                return null;

            Volatile.Write(ref _lastServerCount, count);
            return count;
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>How many servers there are; while Redis can't be asked, or has not even this one, as many as there were last, and at least one other, for none can be ruled out.</summary>
    public async ValueTask<int> CountAsync(CancellationToken cancellationToken)
        => await TryCountAsync(cancellationToken).ConfigureAwait(false) ?? Math.Max(2, Volatile.Read(ref _lastServerCount));

    /// <inheritdoc/>
    public void Dispose() => Metrics.Dispose();
}
