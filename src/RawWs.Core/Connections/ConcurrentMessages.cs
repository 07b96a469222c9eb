using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace RawWs.Connections;

/// <summary>Handles several messages of one connection at once. They begin in their order; each has a copy of its own.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Neither has a wait handle or a timer: nothing to dispose.")]
internal sealed class ConcurrentMessages(Func<WebSocketConnection, WebSocketMessage, ValueTask> handler, int maxCount)
{
    private readonly SemaphoreSlim _places = new(maxCount);
    private readonly CancellationTokenSource _failing = new();
    private ExceptionDispatchInfo? _failure;

    /// <summary>Handles the messages of a connection until it closes, a handler fails, or they can't be read any more. Completes when no handler runs any more.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Ends the reading, and the waiting for a place, unless it is the session's own.</param>
    /// <exception cref="Exception">What the first handler that failed has thrown; or what the reading has; an <see cref="AggregateException"/> of both, unless one follows from the other.</exception>
    public async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_failing.Token, connection.Foreign(cancellationToken));
        ExceptionDispatchInfo? readingFailure = null;
        try
        {
            await foreach (var message in connection.ReadMessagesAsync(ending.Token).ConfigureAwait(false))
            {
                await TakePlaceAsync(ending.Token).ConfigureAwait(false);
                _ = HandleAsync(connection, new WebSocketMessage(message.Type, new ReadOnlySequence<byte>(message.ToArray())));
            }
        }
        catch (OperationCanceledException) when (_failing.IsCancellationRequested)
        {
            // A handler has failed: nothing more is begun.
        }
        catch (Exception error)
        {
            // Handed on when the handlers have ended.
            readingFailure = ExceptionDispatchInfo.Capture(error);
        }

        for (var place = 0; place < maxCount; place++)
            await _places.WaitAsync(CancellationToken.None).ConfigureAwait(false);

        // Whoever works for a connection that breaks mostly fails by that.
        if (readingFailure is not null && _failure is { SourceException: not (WebSocketClosedException or OperationCanceledException) })
            throw new AggregateException(readingFailure.SourceException, _failure.SourceException);

        (readingFailure ?? _failure)?.Throw();
    }

    private async ValueTask TakePlaceAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!cancellationToken.IsCancellationRequested)
            return;

        // A place that becomes free at that moment may come before the end of the waiting for it.
        _places.Release();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task HandleAsync(WebSocketConnection connection, WebSocketMessage message)
    {
        try
        {
            // Not on the reader's thread, which has the next message to read.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await handler(connection, message).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The top of the application's code for this message; RunAsync hands it on.
            if (Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null) is null)
                await _failing.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }
}
