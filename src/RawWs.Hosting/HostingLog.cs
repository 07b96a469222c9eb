using System.Net;
using Microsoft.Extensions.Logging;

namespace RawWs.Hosting;

/// <summary>What the host's part of the server has to say.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "RawWs listens on {EndPoint}")]
    public static partial void Listening(ILogger logger, EndPoint endPoint);
}
