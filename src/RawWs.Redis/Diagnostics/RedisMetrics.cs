using System.Diagnostics.Metrics;

namespace RawWs.Redis.Diagnostics;

/// <summary>What a client counts: see docs/operations.md for every instrument. Costs nothing while nobody listens to the meter.</summary>
internal sealed class RedisMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "RawWs.Redis";

    private readonly Meter _meter = new(MeterName);
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _connectionLosses;
    private readonly Counter<long> _connectFailures;
    private readonly Counter<long> _commands;
    private readonly Histogram<double> _commandDuration;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _subscriberErrors;
    private readonly Counter<long> _ignoredPushes;
    private readonly Counter<long> _redirections;

    public RedisMetrics()
    {
        _connections = _meter.CreateUpDownCounter<long>("rawws.redis.connections", "{connection}", "Connections to Redis that are usable.");
        _connectionLosses = _meter.CreateCounter<long>("rawws.redis.connection.losses", "{connection}", "Connections to Redis that have ended.");
        _connectFailures = _meter.CreateCounter<long>("rawws.redis.connect.failures", "{attempt}", "Attempts to connect to Redis that failed.");
        _commands = _meter.CreateCounter<long>("rawws.redis.commands", "{command}", "Commands by what became of them: answered, error, refused before they were sent, or lost with the connection.");
        _commandDuration = _meter.CreateHistogram<double>("rawws.redis.command.duration", "s", "From a command to its answer.");
        _messages = _meter.CreateCounter<long>("rawws.redis.messages", "{message}", "Messages of channels that were received.");
        _subscriberErrors = _meter.CreateCounter<long>("rawws.redis.subscriber.errors", "{error}", "Subscribers that threw.");
        _ignoredPushes = _meter.CreateCounter<long>("rawws.redis.pushes.ignored", "{message}", "Push messages that nobody had asked for.");
        _redirections = _meter.CreateCounter<long>("rawws.redis.redirections", "{command}", "Commands that a server of a cluster has sent to another one, by how: moved or ask.");
    }

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionLost()
    {
        _connections.Add(-1);
        _connectionLosses.Add(1);
    }

    public void ConnectingFailed() => _connectFailures.Add(1);

    public void CommandEnded(string outcome) => _commands.Add(1, new KeyValuePair<string, object?>("rawws.outcome", outcome));

    public void CommandAnswered(TimeSpan duration) => _commandDuration.Record(duration.TotalSeconds);

    public void MessageReceived() => _messages.Add(1);

    public void SubscriberFailed() => _subscriberErrors.Add(1);

    public void PushIgnored() => _ignoredPushes.Add(1);

    public void Redirected(bool isAsk) => _redirections.Add(1, new KeyValuePair<string, object?>("rawws.kind", isAsk ? "ask" : "moved"));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
