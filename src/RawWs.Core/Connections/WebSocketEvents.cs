using System.Runtime.ExceptionServices;
using RawWs.Connections;

namespace RawWs;

/// <summary>
/// A session in the style of events. The events of one connection come one after the other: the next message waits until the handler of the one
/// before has completed, unless <see cref="MaxConcurrentMessages"/> says otherwise. Different connections are independent.
/// </summary>
/// <remarks>
/// The fastest way to handle many small messages: a handler whose task has completed when it returns is called where its message has been read, and nothing is suspended and resumed for it, as it is where a
/// session steps through <see cref="WebSocketConnection.ReadMessagesAsync"/>.
/// </remarks>
/// <example><code>
/// await server.RunAsync(new WebSocketEvents
/// {
///     OnMessage = (connection, message) => connection.SendAsync(message),
/// }, stopping);
/// </code></example>
public sealed class WebSocketEvents
{
    /// <summary>The connection is open. Comes first, once.</summary>
    public Func<WebSocketConnection, ValueTask>? OnOpen { get; init; }

    /// <summary>A message has arrived. It is valid until the handler completes: copy what you keep.</summary>
    public Func<WebSocketConnection, WebSocketMessage, ValueTask>? OnMessage { get; init; }

    /// <summary>
    /// How many messages of one connection are handled at once. Default 1: one after the other, in order. Range: from 1. With more, handlers begin in the order of
    /// the messages and end as they like, each has a copy of its message, and the first that throws ends the session when the others have completed.
    /// For handlers that wait long for something else, and whose order does not matter.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxConcurrentMessages
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxConcurrentMessages), value, "At least one message is handled at a time.");
    }
        = 1;

    /// <summary>A handler has thrown. The connection is then closed with 1011, the error logged and counted; nobody else is touched.</summary>
    public Func<WebSocketConnection, Exception, ValueTask>? OnError { get; init; }

    /// <summary>The connection has closed. Comes last, once.</summary>
    public Func<WebSocketConnection, CloseResult, ValueTask>? OnClose { get; init; }

    /// <summary>The session that raises these events, for <see cref="WebSocketServer.Map(string, Func{WebSocketConnection, CancellationToken, Task})"/>.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">The session's own, which ends nothing before the connection does; another one ends the reading of messages, like a handler that fails.</param>
    public async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);

        // Here a connection spends its life: what comes after its messages is in a method of its own, whose state is not there yet.
        ExceptionDispatchInfo? failure = null;
        try
        {
            if (OnOpen is not null)
                await OnOpen(connection).ConfigureAwait(false);

            await HandleAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = ExceptionDispatchInfo.Capture(error);
        }

        await EndAsync(connection, failure?.SourceException).ConfigureAwait(false);
        failure?.Throw();
    }

    private async ValueTask EndAsync(WebSocketConnection connection, Exception? failure)
    {
        try
        {
            if (OnError is not null && failure is not (null or RoomLimitException or WebSocketClosedException))
                await OnError(connection, failure).ConfigureAwait(false);
        }
        finally
        {
            var (code, reason) = failure switch
            {
                RoomLimitException limit => (limit.CloseCode, limit.CloseReason),
                null or WebSocketClosedException => (CloseCode.NormalClosure, ""),
                _ => (CloseCode.InternalError, "internal error"),
            };
            var result = await connection.CloseAsync(code, reason).ConfigureAwait(false);
            if (OnClose is not null)
                await OnClose(connection, result).ConfigureAwait(false);
        }
    }

    private ValueTask HandleAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        if (OnMessage is not null && MaxConcurrentMessages > 1)
            return new ValueTask(new ConcurrentMessages(OnMessage, MaxConcurrentMessages).RunAsync(connection, cancellationToken));

        return connection.Foreign(cancellationToken).CanBeCanceled
            ? HandleInOrderUntilAsync(connection, cancellationToken)
            : connection.HandleMessagesAsync(OnMessage ?? (static (_, _) => default));
    }

    private async ValueTask HandleInOrderUntilAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        await foreach (var message in connection.ReadMessagesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (OnMessage is not null)
                await OnMessage(connection, message).ConfigureAwait(false);
        }
    }
}
