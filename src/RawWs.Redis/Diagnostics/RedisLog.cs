using Microsoft.Extensions.Logging;

namespace RawWs.Redis.Diagnostics;

/// <summary>What is logged of Redis. Neither commands nor passwords are.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to Redis at {Target}, over RESP{Version}")]
    public static partial void Connected(ILogger logger, string target, int version);

    [LoggerMessage(2, LogLevel.Warning, "The connection to Redis at {Target} was lost: {Reason}")]
    public static partial void ConnectionLost(ILogger logger, string target, string? reason);

    [LoggerMessage(3, LogLevel.Warning, "There is no connection to Redis at {Target}: {Reason}")]
    public static partial void NotConnected(ILogger logger, string target, string reason);

    [LoggerMessage(4, LogLevel.Error, "Redis refuses the subscription to {Channel}: {Reason}")]
    public static partial void SubscriptionRefused(ILogger logger, string channel, string reason);

    [LoggerMessage(5, LogLevel.Error, "A subscriber of {Channel} failed")]
    public static partial void SubscriberFailed(ILogger logger, string channel, Exception error);
}
