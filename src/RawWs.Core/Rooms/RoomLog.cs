using Microsoft.Extensions.Logging;

namespace RawWs.Rooms;

/// <summary>What rooms log: faults of the application's handlers, and of the backplane.</summary>
internal static partial class RoomLog
{
    [LoggerMessage(50, LogLevel.Error, "Room {Room}: the {Handler} handler failed")]
    public static partial void HandlerFailed(ILogger logger, string room, string handler, Exception error);

    [LoggerMessage(51, LogLevel.Error, "The backplane could not be started; rooms are served on this node alone")]
    public static partial void BackplaneNotStarted(ILogger logger, Exception error);

    [LoggerMessage(52, LogLevel.Warning, "The backplane failed to publish; {Count} broadcasts or changes of presence stayed on this node since the last such message")]
    public static partial void PublishingFailed(ILogger logger, long count, Exception error);

    [LoggerMessage(53, LogLevel.Warning, "The backplane could not be stopped in good order")]
    public static partial void BackplaneNotStopped(ILogger logger, Exception error);

    [LoggerMessage(54, LogLevel.Error, "What another node has published could not be delivered here")]
    public static partial void ReceivingFailed(ILogger logger, Exception error);

    [LoggerMessage(55, LogLevel.Warning, "What other nodes have published may be missing here")]
    public static partial void MessagesLost(ILogger logger);
}
