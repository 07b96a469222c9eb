using Microsoft.Extensions.Logging;

namespace RawWs.Server;

/// <summary>What the server logs.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(30, LogLevel.Debug, "Connection {Id}: handshake from {RemoteEndPoint} refused with {Status}, {Reason}")]
    public static partial void HandshakeRefused(ILogger logger, long id, object? remoteEndPoint, int status, string reason);

    [LoggerMessage(31, LogLevel.Error, "Connection {Id}: the upgrade hook failed for {Path}")]
    public static partial void HookFailed(ILogger logger, long id, string path, Exception error);

    [LoggerMessage(32, LogLevel.Debug, "Connection {Id}: opened on {Path} from {RemoteEndPoint}")]
    public static partial void Opened(ILogger logger, long id, string path, object? remoteEndPoint);

    [LoggerMessage(33, LogLevel.Error, "Connection {Id}: the session of {Path} failed")]
    public static partial void SessionFailed(ILogger logger, long id, string path, Exception error);

    [LoggerMessage(34, LogLevel.Debug, "Connection {Id}: closed, {Result}")]
    public static partial void Closed(ILogger logger, long id, CloseResult result);

    [LoggerMessage(35, LogLevel.Debug, "Connection {Id}: ended by the network during its handshake, {Reason}")]
    public static partial void HandshakeCut(ILogger logger, long id, string reason);

    [LoggerMessage(36, LogLevel.Error, "Connection {Id}: serving it failed unexpectedly")]
    public static partial void ServingFailed(ILogger logger, long id, Exception error);

    [LoggerMessage(39, LogLevel.Warning, "Compression is off: the runtime's zlib can't be used ({Reason})")]
    public static partial void CompressionUnavailable(ILogger logger, string reason);

    [LoggerMessage(41, LogLevel.Error, "Dropping a connection failed unexpectedly")]
    public static partial void DroppingFailed(ILogger logger, Exception error);

    [LoggerMessage(42, LogLevel.Error, "Beginning to serve a connection failed unexpectedly")]
    public static partial void BeginningFailed(ILogger logger, Exception error);

    [LoggerMessage(43, LogLevel.Error, "Stopping to listen on {EndPoint} failed unexpectedly")]
    public static partial void ClosingFailed(ILogger logger, object endPoint, Exception error);

    [LoggerMessage(44, LogLevel.Error, "Accepting connections on {EndPoint} failed unexpectedly and has ended")]
    public static partial void AcceptingFailed(ILogger logger, object endPoint, Exception error);

    [LoggerMessage(37, LogLevel.Information, "Stopping: {Count} connections to close")]
    public static partial void Stopping(ILogger logger, int count);

    [LoggerMessage(38, LogLevel.Warning, "Stopping: {Count} connections had not ended at the deadline and were aborted")]
    public static partial void Aborting(ILogger logger, int count);
}
