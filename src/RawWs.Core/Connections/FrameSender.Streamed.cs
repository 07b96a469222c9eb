using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Connections;

internal sealed partial class FrameSender
{
    /// <summary>Begins a message that is sent in fragments: no other message is sent until <see cref="EndMessageAsync"/>.</summary>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    public async ValueTask BeginMessageAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        SendWaiter? waiter = null;
        lock (_gate)
        {
            ThrowIfClosed_NeedsLock();

            if (_isOutputOwned || _isMessageOpen)
            {
                waiter = new SendWaiter();
                (_waiters ??= new()).Enqueue(waiter);
            }
            else
            {
                _isMessageOpen = true;
            }
        }

        if (waiter is null)
            return;

        if (!await waiter.WaitAsync(cancellationToken).ConfigureAwait(false))
            throw Closed();

        // The turn came with the output, which is not needed before the first fragment.
        lock (_gate)
        {
            _isMessageOpen = true;
        }

        await ReleaseOutputAsync().ConfigureAwait(false);
    }

    /// <summary>Sends a fragment of the message that was begun. Only its owner calls this.</summary>
    /// <exception cref="WebSocketClosedException">The connection is closing at once, or has ended.</exception>
    public async ValueTask SendFragmentAsync(Opcode opcode, bool fin, ReadOnlyMemory<byte> payload)
    {
        SendWaiter? waiter = null;
        lock (_gate)
        {
            if (_isUrgent)
                throw Closed();

            if (_isOutputOwned)
                _messageOwner = waiter = new SendWaiter();
            else
                _isOutputOwned = true;
        }

        if (waiter is not null && !await waiter.WaitAsync(CancellationToken.None).ConfigureAwait(false))
            throw Closed();

        await WriteInPiecesAsync(opcode, fin, new ReadOnlySequence<byte>(payload), isCompressed: false).ConfigureAwait(false);
        await ReleaseOutputAsync().ConfigureAwait(false);
    }

    /// <summary>Lets other messages go again. Called once for each <see cref="BeginMessageAsync"/> that succeeded, also after a failure.</summary>
    public async ValueTask EndMessageAsync()
    {
        lock (_gate)
        {
            _isMessageOpen = false;
            if (_isOutputOwned)
                return;

            _isOutputOwned = true;
        }

        await ReleaseOutputAsync().ConfigureAwait(false);
    }
}
