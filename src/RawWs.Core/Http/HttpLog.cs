using Microsoft.Extensions.Logging;

namespace RawWs.Http;

/// <summary>What is logged about HTTP requests.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(50, LogLevel.Debug, "Connection {Id}: {Method} {Path} answered with {Status}")]
    public static partial void Answered(ILogger logger, long id, string method, string path, int status);

    [LoggerMessage(51, LogLevel.Error, "Connection {Id}: the handler of {Path} failed")]
    public static partial void HandlerFailed(ILogger logger, long id, string path, Exception error);

    [LoggerMessage(52, LogLevel.Error, "Connection {Id}: the response of {Path} could not be sent to its end, and the connection was aborted")]
    public static partial void ResponseFailed(ILogger logger, long id, string path, Exception error);
}
