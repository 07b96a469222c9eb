using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>What the host logs beside the server.</summary>
internal static partial class HostLog
{
    /// <summary>That of the server: it is one program.</summary>
    public const string Category = "RawWs";

    [LoggerMessage(80, LogLevel.Warning, "{Warning}")]
    public static partial void Warn(ILogger logger, string warning);

    [LoggerMessage(81, LogLevel.Warning, "The service manager could not be told {State}: {Reason}")]
    public static partial void ManagerNotTold(ILogger logger, string state, string reason);

    [LoggerMessage(82, LogLevel.Warning, "Telemetry could not be sent to {EndPoint}: {Reason} ({UntoldCount} such failures were not told)")]
    public static partial void ExportFailed(ILogger logger, Uri endPoint, string reason, int untoldCount);
}
