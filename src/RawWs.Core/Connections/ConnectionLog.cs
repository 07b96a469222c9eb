using Microsoft.Extensions.Logging;

namespace RawWs.Connections;

/// <summary>What connections log: at Debug what peers do, whatever it is, and at Error what should not be possible.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(20, LogLevel.Error, "Connection {Id}: reading failed unexpectedly")]
    public static partial void ReadingFailed(ILogger logger, long id, Exception error);

    [LoggerMessage(22, LogLevel.Debug, "Connection {Id}: failed with {Code}, {Reason}")]
    public static partial void Violated(ILogger logger, long id, CloseCode code, string reason);

    [LoggerMessage(23, LogLevel.Debug, "Connection {Id}: aborted, {Reason}")]
    public static partial void Aborted(ILogger logger, long id, string reason);

    [LoggerMessage(24, LogLevel.Error, "Connection {Id}: its Drained handler failed")]
    public static partial void DrainedHandlerFailed(ILogger logger, long id, Exception error);
}
