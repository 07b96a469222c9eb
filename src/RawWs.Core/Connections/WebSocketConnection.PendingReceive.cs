using System.Threading.Tasks.Sources;
using RawWs.Transport;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    /// <summary>
    /// Reads until what is wanted has been received, and is what the session waits with meanwhile: here a connection spends its life. By hand and not by an async
    /// method, which would take more of both: time for each message, and memory while it waits. For the latter it also is the enumerator of a session that steps through its messages.
    /// </summary>
    private sealed class PendingReceive(WebSocketConnection connection) : IReadWaiter, IValueTaskSource<bool>, IAsyncEnumerator<WebSocketMessage>
    {
        // The short way, if the transport has one, and the way with a token; and which of the two it goes this time.
        private readonly IReadSource? _direct = connection._input as IReadSource;
        private PipeReadSource? _withToken;
        private IReadSource? _input;
        private ManualResetValueTaskSourceCore<bool> _source;
        private Wanted _wanted;

        /// <inheritdoc/>
        WebSocketMessage IAsyncEnumerator<WebSocketMessage>.Current => connection.CurrentMessage;

        /// <inheritdoc/>
        ValueTask<bool> IAsyncEnumerator<WebSocketMessage>.MoveNextAsync() => connection.ReadNextAsync(Wanted.Message, CancellationToken.None);

        /// <inheritdoc/>
        ValueTask IAsyncDisposable.DisposeAsync() => default;

        /// <summary>Begins to read.</summary>
        /// <returns>Whether what is wanted has been received; otherwise there is nothing more to come.</returns>
        public ValueTask<bool> BeginAsync(Wanted wanted, CancellationToken cancellationToken)
        {
            _source.Reset();
            (_wanted, _input) = (wanted, cancellationToken.CanBeCanceled ? null : _direct);
            if (_input is null)
            {
                _withToken ??= new PipeReadSource(connection._input);
                (_withToken.Token, _input) = (cancellationToken, _withToken);
            }

            // From the first wait on all of this may belong to another thread.
            var version = _source.Version;
            try
            {
                return TryReadOn(hasWaited: false, out var isReceived) ? new ValueTask<bool>(isReceived) : new ValueTask<bool>(this, version);
            }
            catch (Exception error)
            {
                return ValueTask.FromException<bool>(error);
            }
        }

        /// <inheritdoc/>
        public void OnReadEnded()
        {
            bool isReceived;
            try
            {
                if (!TryReadOn(hasWaited: true, out isReceived))
                    return;
            }
            catch (Exception error)
            {
                _source.SetException(error);
                return;
            }

            _source.SetResult(isReceived);
        }

        /// <summary>Reads until it has to wait, or is done; then it ends the reading.</summary>
        /// <returns>Whether it is done. Otherwise it goes on when the read has ended, maybe already, on another thread.</returns>
        private bool TryReadOn(bool hasWaited, out bool isReceived)
        {
            var isWaiting = false;
            try
            {
                if (hasWaited)
                    TryFill(hasWaited: true);

                while (!(isReceived = connection.TryTakeMessage(_wanted)) && !connection._isReadingOver)
                {
                    if (!connection.TryBeginFill())
                        continue;

                    isWaiting = !TryFill(hasWaited: false);
                    if (isWaiting)
                        return false;
                }

                return true;
            }
            finally
            {
                if (!isWaiting)
                    connection.EndReading();
            }
        }

        /// <returns>Whether it has ended, well or not; otherwise it waits.</returns>
        private bool TryFill(bool hasWaited)
        {
            try
            {
                if (hasWaited)
                    connection.EndFill(_input!.EndRead());
                else if (_input!.TryRead(this, out var result))
                    connection.EndFill(result);
                else
                    return false;
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                connection.FailFill(error);
                if (error is OperationCanceledException)
                    throw;
            }

            return true;
        }

        bool IValueTaskSource<bool>.GetResult(short token) => _source.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

        void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
            => _source.OnCompleted(continuation, state, token, flags);
    }
}
