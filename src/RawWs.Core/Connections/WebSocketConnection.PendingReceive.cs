using System.Threading.Tasks.Sources;
using RawWs.Transport;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    /// <summary>
    /// Reads until what is wanted has been received, and is what the session waits with meanwhile: here a connection spends its life. For the memory that this takes it also is the enumerator of a
    /// session that steps through its messages.
    /// </summary>
    private sealed class PendingReceive(WebSocketConnection connection) : MessageReader(connection), IValueTaskSource<bool>, IAsyncEnumerator<WebSocketMessage>
    {
        // The short way, if the transport has one, and the way with a token.
        private readonly IReadSource? _direct = connection._input as IReadSource;
        private PipeReadSource? _withToken;

        private ManualResetValueTaskSourceCore<bool> _source;

        /// <inheritdoc/>
        WebSocketMessage IAsyncEnumerator<WebSocketMessage>.Current => Connection.CurrentMessage;

        /// <inheritdoc/>
        ValueTask<bool> IAsyncEnumerator<WebSocketMessage>.MoveNextAsync() => Connection.ReadNextAsync(Wanted.Message, CancellationToken.None);

        /// <inheritdoc/>
        ValueTask IAsyncDisposable.DisposeAsync() => default;

        /// <summary>Begins to read.</summary>
        /// <returns>Whether what is wanted has been received; otherwise there is nothing more to come.</returns>
        public ValueTask<bool> BeginAsync(Wanted wanted, CancellationToken cancellationToken)
        {
            _source.Reset();
            Begin(wanted, _direct is null || cancellationToken.CanBeCanceled ? WithToken(cancellationToken) : _direct);

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
        public override void OnReadEnded()
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

        private PipeReadSource WithToken(CancellationToken cancellationToken)
        {
            var source = _withToken ??= new PipeReadSource(Connection._input);
            source.Token = cancellationToken;
            return source;
        }

        bool IValueTaskSource<bool>.GetResult(short token) => _source.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

        void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
            => _source.OnCompleted(continuation, state, token, flags);
    }
}
