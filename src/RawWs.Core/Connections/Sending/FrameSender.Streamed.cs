using System.Buffers;
using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

internal sealed partial class FrameSender
{
    /// <summary>Begins a message that is sent in fragments: no other message is sent until <see cref="EndMessage"/>.</summary>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    public async ValueTask BeginMessageAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        SendWaiter? waiter;
        using (Enter())
        {
            ThrowIfClosed_NeedsLock();
            settings.Metrics.MessagesPublished(1);
            AddDirect(1, 0);

            waiter = _isOutputOwned || _isMessageOpen ? Wait_NeedsLock() : null;
            if (waiter is null)
            {
                // What comes before it leaves before it.
                WriteNoted_NeedsLock();
                _isMessageOpen = true;
                if (_corkedBytes == 0)
                    return;

                OwnOutput_NeedsLock();
            }
        }

        if (waiter is null)
        {
            ReleaseOutput();
            return;
        }

        await WaitToBeginAsync(waiter, cancellationToken).ConfigureAwait(false);

        // The turn came with the output, which is not needed before the first fragment.
        using (Enter())
        {
            _isMessageOpen = true;
        }

        ReleaseOutput();
    }

    /// <summary>Sends a fragment of the message that was begun. Only its owner calls this.</summary>
    /// <exception cref="WebSocketClosedException">The connection is closing at once, or has ended.</exception>
    public async ValueTask SendFragmentAsync(Opcode opcode, bool fin, ReadOnlyMemory<byte> payload)
    {
        SendWaiter? waiter = null;
        using (Enter())
        {
            if (_isUrgent)
                throw Closed();

            if (_isOutputOwned)
                _messageOwner = waiter = new SendWaiter();
            else
                OwnOutput_NeedsLock();
        }

        AddDirect(0, payload.Length);
        try
        {
            if (waiter is not null && !await waiter.WaitAsync(CancellationToken.None).ConfigureAwait(false))
                throw Closed();

            await WriteInPiecesAsync(opcode, fin, new ReadOnlySequence<byte>(payload), isCompressed: false).ConfigureAwait(false);
        }
        finally
        {
            AddDirect(0, -payload.Length);
        }

        settings.Metrics.FramesSent(opcode, 1, payload.Length);
        ReleaseOutput();
    }

    /// <summary>Lets other messages go again. Called once for each <see cref="BeginMessageAsync"/> that succeeded, also after a failure.</summary>
    /// <param name="opcode">Text or binary.</param>
    /// <param name="outcome">Why the message was not sent to its end, if it was not.</param>
    public void EndMessage(Opcode opcode, DropReason outcome)
    {
        AddDirect(-1, 0);
        if (outcome == DropReason.None)
            settings.Metrics.FragmentedMessageSent(opcode);
        else
            settings.Metrics.MessagesDropped(outcome, 1);

        using (Enter())
        {
            _isMessageOpen = false;
            if (_isOutputOwned)
                return;

            OwnOutput_NeedsLock();
        }

        ReleaseOutput();
    }

    private async ValueTask WaitToBeginAsync(SendWaiter waiter, CancellationToken cancellationToken)
    {
        var outcome = DropReason.Closed;
        try
        {
            if (!await waiter.WaitAsync(cancellationToken).ConfigureAwait(false))
                throw Closed();

            outcome = DropReason.None;
        }
        catch (OperationCanceledException)
        {
            outcome = DropReason.Cancelled;
            throw;
        }
        finally
        {
            if (outcome != DropReason.None)
            {
                AddDirect(-1, 0);
                settings.Metrics.MessagesDropped(outcome, 1);
            }
        }
    }
}
