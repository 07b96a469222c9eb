using Microsoft.Extensions.Logging;

namespace RawWs.Redis.Diagnostics;

/// <summary>What is logged of the servers of a cluster of Socket.IO.</summary>
internal static partial class AdapterLog
{
    [LoggerMessage(20, LogLevel.Warning, "Other servers are not told what is said in namespace {Namespace}: {Reason} ({Count} since the last such message)")]
    public static partial void NotSaid(ILogger logger, string @namespace, string reason, long count);

    [LoggerMessage(21, LogLevel.Error, "What another server asks of namespace {Namespace} can't be answered")]
    public static partial void AnswerFailed(ILogger logger, string @namespace, Exception error);

    [LoggerMessage(22, LogLevel.Error, "What another server has said in namespace {Namespace} can't be delivered")]
    public static partial void DeliveryFailed(ILogger logger, string @namespace, Exception error);

    [LoggerMessage(23, LogLevel.Warning, "Clients of namespace {Namespace} have come back, and can't be what they were: {Reason} ({Count} since the last such message)")]
    public static partial void NotRecovered(ILogger logger, string @namespace, string reason, long count);
}
