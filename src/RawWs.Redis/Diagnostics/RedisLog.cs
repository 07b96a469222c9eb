using Microsoft.Extensions.Logging;

namespace RawWs.Redis.Diagnostics;

/// <summary>What is logged of Redis. Neither commands nor passwords are.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to Redis at {Target}, over RESP{Version}")]
    public static partial void Connected(ILogger logger, string target, int version);

    [LoggerMessage(2, LogLevel.Warning, "The connection to Redis at {Target} was lost: {Reason}")]
    public static partial void ConnectionLost(ILogger logger, string target, string? reason);

    [LoggerMessage(13, LogLevel.Information, "The connection to Redis at {Target} is not needed any more: {Reason}")]
    public static partial void ConnectionRetired(ILogger logger, string target, string reason);

    [LoggerMessage(3, LogLevel.Warning, "There is no connection to Redis at {Target}: {Reason}")]
    public static partial void NotConnected(ILogger logger, string target, string reason);

    [LoggerMessage(4, LogLevel.Error, "Redis refuses the subscription to {Channel}, and it is asked for again: {Reason} ({Count} since the last such message)")]
    public static partial void SubscriptionRefused(ILogger logger, string channel, string reason, long count);

    [LoggerMessage(5, LogLevel.Error, "A subscriber of {Channel} failed")]
    public static partial void SubscriberFailed(ILogger logger, string channel, Exception error);

    [LoggerMessage(6, LogLevel.Warning, "Too much waits for Redis: {Count} broadcasts did not fit since the last such message, and other nodes will know that they miss some")]
    public static partial void OutboxFull(ILogger logger, long count);

    [LoggerMessage(7, LogLevel.Error, "Redis refuses broadcasts for other nodes: {Reason} ({Count} since the last such message)")]
    public static partial void PublicationRefused(ILogger logger, string reason, long count);

    [LoggerMessage(8, LogLevel.Warning, "A broadcast of {Size} bytes stays on this node, for others are sent {MaxSize} at most ({Count} since the last such message)")]
    public static partial void PublicationTooLarge(ILogger logger, int size, int maxSize, long count);

    [LoggerMessage(10, LogLevel.Error, "Redis refuses to read the stream {Key}, and what other nodes say is not heard: {Reason} ({Count} since the last such message)")]
    public static partial void StreamRefused(ILogger logger, string key, string reason, long count);

    [LoggerMessage(11, LogLevel.Warning, "More than {MaxCount} members of other nodes are in rooms that share their presence, and some are not known here")]
    public static partial void PresenceLeftOut(ILogger logger, int maxCount);

    [LoggerMessage(9, LogLevel.Error, "The backplane has failed, and goes on")]
    public static partial void BackplaneFailed(ILogger logger, Exception error);

    [LoggerMessage(12, LogLevel.Error, "The server at {Target} does not tell the slots of a Redis Cluster: {Reason} ({Count} since the last such message)")]
    public static partial void ClusterNotTold(ILogger logger, string target, string reason, long count);
}
