using System.Diagnostics.Metrics;

namespace RawWs.Redis.Diagnostics;

/// <summary>What a backplane counts: see docs/operations.md for every instrument.</summary>
internal sealed class BackplaneMetrics : IDisposable
{
    private readonly Meter _meter = new(RedisMetrics.MeterName);
    private readonly Counter<long> _published;
    private readonly Counter<long> _received;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _notSaid;

    /// <param name="countWaiting">How much waits to be sent.</param>
    /// <param name="countMembers">How many members of other nodes are known.</param>
    public BackplaneMetrics(Func<int> countWaiting, Func<int> countMembers)
    {
        _published = _meter.CreateCounter<long>("rawws.redis.broadcasts.published", "{message}", "Broadcasts that Redis has taken for other nodes.");
        _received = _meter.CreateCounter<long>("rawws.redis.broadcasts.received", "{message}", "Broadcasts of other nodes that were delivered here.");
        _dropped = _meter.CreateCounter<long>("rawws.redis.broadcasts.dropped", "{message}", "Broadcasts that other nodes will never have, by the reason: full, size or refused.");
        _ignored = _meter.CreateCounter<long>("rawws.redis.broadcasts.ignored", "{message}", "What came and was not delivered, by the reason: malformed or duplicate.");
        _notSaid = _meter.CreateCounter<long>("rawws.redis.nodes.unsaid", "{message}", "What this node wanted to say to others, of itself or for an answer, and could not.");
        _meter.CreateObservableUpDownCounter("rawws.redis.broadcasts.waiting", countWaiting, "{message}", "Broadcasts that wait to be sent to other nodes.");
        _meter.CreateObservableUpDownCounter("rawws.redis.presence.members", countMembers, "{member}", "Members of other nodes in rooms that share their presence, as far as they are known here.");
    }

    public void Published() => _published.Add(1);

    public void Received() => _received.Add(1);

    public void Dropped(string reason) => _dropped.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));

    public void Ignored(string reason) => _ignored.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));

    public void NotSaid() => _notSaid.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
