using RawWs.Connections;
using RawWs.Transport;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    /// <summary>Reads until what is wanted has been received. By hand and not by an async method, which would take more of both: time for each message, and memory while it waits.</summary>
    private abstract class MessageReader(WebSocketConnection connection) : IReadWaiter
    {
        /// <summary>About as large is each of a connection's two large objects.</summary>
        private const int LoadedSize = 256;

        // The connection's, to be found without waiting for that.
        private readonly FrameSender _sender = connection._sender;

        // There is one while it reads.
        private IReadSource? _input;
        private Wanted _wanted;

        /// <summary>Whose messages it reads.</summary>
        protected WebSocketConnection Connection => connection;

        /// <inheritdoc/>
        public abstract void OnReadEnded();

        /// <inheritdoc/>
        public void Prepare()
        {
            ProcessorCache.Load(connection, LoadedSize);
            ProcessorCache.Load(_sender, LoadedSize);
        }

        /// <summary>What is read for from here on, and where.</summary>
        protected void Begin(Wanted wanted, IReadSource input) => (_wanted, _input) = (wanted, input);

        /// <summary>Reads until it has to wait, or is done; then it ends the reading. Called by the reader.</summary>
        /// <returns>Whether it is done. Otherwise it goes on when the read has ended, maybe already, on another thread.</returns>
        protected bool TryReadOn(bool hasWaited, out bool isReceived)
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
    }
}
