using Microsoft.Extensions.Logging;

namespace RawWs.SocketIO;

/// <summary>What is logged. Ids of sockets are no secrets; those of connections are, and are not logged.</summary>
internal sealed partial class SocketIOLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1, LogLevel.Error, "A handler of socket {SocketId} in {Namespace} failed.")]
    public partial void HandlerFailed(string socketId, string @namespace, Exception error);

    [LoggerMessage(2, LogLevel.Error, "A middleware of {Namespace} failed; the client was refused.")]
    public partial void MiddlewareFailed(string @namespace, Exception error);

    [LoggerMessage(20, LogLevel.Error, "GenerateId failed; the client was refused.")]
    public partial void GenerateIdFailed(Exception error);

    [LoggerMessage(3, LogLevel.Debug, "Socket {SocketId} in {Namespace} received what it can't use: {Reason}")]
    public partial void EventRefused(string socketId, string @namespace, string reason);

    [LoggerMessage(4, LogLevel.Error, "A handler of what other servers say to {Namespace} failed.")]
    public partial void ServerSideHandlerFailed(string @namespace, Exception error);

    [LoggerMessage(5, LogLevel.Error, "A handler of the rooms of {Namespace} failed.")]
    public partial void RoomHandlerFailed(string @namespace, Exception error);

    [LoggerMessage(6, LogLevel.Error, "A handler of new namespaces failed for {Namespace}.")]
    public partial void NamespaceHandlerFailed(string @namespace, Exception error);

    [LoggerMessage(7, LogLevel.Error, "The adapter of {Namespace} failed.")]
    public partial void AdapterFailed(string @namespace, Exception error);
}
