using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using RawWs.Transport;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    /// <summary>Calls a handler with each message, one after the other, until the connection closes.</summary>
    /// <param name="handler">Is called in the execution context of this call. The message is valid until its task has completed.</param>
    /// <returns>A task that completes when there is nothing more to come, or fails with what the handler or the reading has thrown.</returns>
    internal ValueTask HandleMessagesAsync(Func<WebSocketConnection, WebSocketMessage, ValueTask> handler) => new MessagePump(this, handler).RunAsync();

    /// <summary>
    /// Reads messages and calls a handler with each. A session that steps through its messages is suspended and resumed for each of them; here a handler that has nothing to wait for
    /// is a call like any other, between the read that has brought the message and the one that waits for the next.
    /// </summary>
    private sealed class MessagePump(WebSocketConnection connection, Func<WebSocketConnection, WebSocketMessage, ValueTask> handler)
        : MessageReader(connection), IValueTaskSource
    {
        // Where whole messages are taken in a shorter way; null if the transport has no such thing.
        private readonly SegmentReader? _segments = connection._input as SegmentReader;

        // The session's: a read ends in none.
        private readonly ExecutionContext? _context = ExecutionContext.Capture();

        private ManualResetValueTaskSourceCore<bool> _source;

        // Made when a handler has to wait, which those of most connections never do.
        private PendingHandler? _pendingHandler;

        /// <inheritdoc cref="HandleMessagesAsync"/>
        public ValueTask RunAsync()
        {
            Begin(Wanted.Message, Connection._input as IReadSource ?? new PipeReadSource(Connection._input));
            RunInContext(static pump => ((MessagePump)pump!).Pump(hasWaited: false));
            return new ValueTask(this, _source.Version);
        }

        /// <inheritdoc/>
        public override void OnReadEnded() => RunInContext(static pump => ((MessagePump)pump!).Pump(hasWaited: true));

        private void RunInContext(ContextCallback callback)
        {
            if (_context is null)
                callback(this);
            else
                ExecutionContext.Run(_context, callback, this);
        }

        /// <summary>Goes on until it has to wait.</summary>
        /// <param name="hasWaited">Whether it goes on because a read has ended; otherwise nobody reads.</param>
        private void Pump(bool hasWaited)
        {
            try
            {
                if (!TryPump(hasWaited))
                    return;
            }
            catch (Exception error)
            {
                // It is the session's, which awaits this.
                Connection.EndInPlace();
                _source.SetException(error);
                return;
            }

            _source.SetResult(true);
        }

        /// <returns>Whether there is nothing more to come; otherwise it waits, for a message or for its handler.</returns>
        private bool TryPump(bool hasWaited)
        {
            var isReader = hasWaited;
            if (hasWaited && _segments is not null && Connection.TryTakeInPlace(_segments, out var message, out var rest))
            {
                if (!TryHandle(message))
                    return false;

                while (Connection.TryTakeNextInPlace(ref message, ref rest))
                {
                    RestoreContext();
                    if (!TryHandle(message))
                        return false;
                }

                isReader = Connection.TryReadOnAfterInPlace(_segments, hasMore: rest.Count > 0);
                hasWaited = false;
            }

            while (isReader ? TryReadOn(hasWaited, out var isReceived) : TryReceive(out isReceived))
            {
                if (!isReceived)
                    return true;

                RestoreContext();
                if (!TryHandle(Connection.CurrentMessage))
                    return false;

                isReader = false;
            }

            return false;
        }

        /// <returns>Whether it is known what comes next: a message, or nothing more. Otherwise it waits, and goes on by itself.</returns>
        private bool TryReceive(out bool isReceived)
        {
            isReceived = false;
            if (!Connection.TryBecomeReaderAfterInPlace(_segments))
            {
                _ = ReceiveInTurnAsync();
                return false;
            }

            return (isReceived = Connection.TryTakeAtHand(Wanted.Message)) || TryReadOn(hasWaited: false, out isReceived);
        }

        // The handler before may have changed the context. Mostly it has not, and to look costs less.
        private void RestoreContext()
        {
            if (_context is not null && ExecutionContext.Capture() != _context)
                ExecutionContext.Restore(_context);
        }

        /// <returns>Whether the handler is done; otherwise it goes on by itself when it is.</returns>
        private bool TryHandle(in WebSocketMessage message)
        {
            var handling = handler(Connection, message);
            if (handling == default)
                return true;

            if (handling.IsCompletedSuccessfully)
            {
                handling.GetAwaiter().GetResult(); // Its source may be waiting for that.
                return true;
            }

            Connection.EndInPlace();

            // From here on all of this may belong to another thread.
            (_pendingHandler ??= new PendingHandler(this)).Await(handling);
            return false;
        }

        private void OnHandled() => RunInContext(static pump => ((MessagePump)pump!).EndHandling());

        private void EndHandling()
        {
            try
            {
                _pendingHandler!.GetResult(); // It has completed.
            }
            catch (Exception error)
            {
                _source.SetException(error);
                return;
            }

            Pump(hasWaited: false);
        }

        /// <summary>Somebody else reads, who leaves the next message to us.</summary>
        private async Task ReceiveInTurnAsync()
        {
            try
            {
                if (await Connection.ReadInTurnAsync(Wanted.Message, CancellationToken.None).ConfigureAwait(false))
                {
                    RestoreContext();
                    if (TryHandle(Connection.CurrentMessage))
                        Pump(hasWaited: false);

                    return;
                }
            }
            catch (Exception error)
            {
                _source.SetException(error);
                return;
            }

            _source.SetResult(true);
        }

        void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

        void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
            => _source.OnCompleted(continuation, state, token, flags);

        /// <summary>A handler that has not completed where it was called, one after the other.</summary>
        private sealed class PendingHandler(MessagePump pump)
        {
            private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _handling;
            private Action? _onHandled;

            /// <summary>Has the pump told when it has completed, maybe before this returns.</summary>
            public void Await(ValueTask handling)
            {
                _handling = handling.ConfigureAwait(false).GetAwaiter();
                _handling.UnsafeOnCompleted(_onHandled ??= pump.OnHandled);
            }

            /// <summary>How it has completed. Called once for each.</summary>
            public void GetResult()
            {
                var handling = _handling;
                _handling = default;
                handling.GetResult();
            }
        }
    }
}
