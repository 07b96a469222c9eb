using System.Diagnostics.Metrics;

namespace RawWs.Redis.Diagnostics;

/// <summary>What the adapter of a namespace of Socket.IO counts: see docs/operations.md for every instrument.</summary>
internal sealed class AdapterMetrics : IDisposable
{
    private readonly Meter _meter = new(RedisMetrics.MeterName);
    private readonly Counter<long> _received;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _notSaid;

    public AdapterMetrics()
    {
        _received = _meter.CreateCounter<long>("rawws.redis.socketio.received", "{message}", "Messages of other Socket.IO servers that were understood.");
        _ignored = _meter.CreateCounter<long>("rawws.redis.socketio.ignored", "{message}", "Messages on the channels of Socket.IO that were not, by the reason: malformed, foreign or full.");
        _notSaid = _meter.CreateCounter<long>("rawws.redis.socketio.unsaid", "{message}", "What other Socket.IO servers were to be told and were not, for want of Redis.");
    }

    public void Received() => _received.Add(1);

    public void Ignored(string reason) => _ignored.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));

    public void NotSaid() => _notSaid.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
