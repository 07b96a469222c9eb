using System.Buffers;
using RawWs.Diagnostics;

namespace RawWs.Connections;

// How what waits in the queue leaves it: as many messages at a time as fit into one write. And who is told when nothing waits any more.
internal sealed partial class FrameSender
{
    // Frames that have left the queue for the output, and that the network has not taken yet; null before the first that it does not take at once.
    private InFlight? _inFlight;

    // Whether something waits, or is in flight, for whose end somebody may wait; and whether this connection is among the backlogs.
    private bool _isBehind;
    private bool _hasWaitedForPeer;
    private bool _isListed;
    private bool _isWrittenOff;
    private TaskCompletionSource? _drained;

    /// <summary>Waits until nothing waits for the peer any more, or the connection has ended.</summary>
    public Task WaitForDrainAsync()
    {
        using (Enter())
        {
            if (!_isBehind || _isEnded)
                return Task.CompletedTask;

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Until it has caught up, nobody waits for this peer any more before sending more: it has had its chance.</summary>
    public void WriteOff()
    {
        using (Enter())
        {
            _isWrittenOff = _isBehind;
        }
    }

    private SendWaiter Wait_NeedsLock()
    {
        var waiter = new SendWaiter();
        (_queue ??= new()).Enqueue(waiter);
        FallBehind_NeedsLock();
        return waiter;
    }

    /// <summary>Something waits: for its turn, or for the network.</summary>
    private void FallBehind_NeedsLock()
    {
        _isBehind = true;

        _hasWaitedForPeer = true;

        // Direct senders and what they wait with are no business of the budget's, and who is being thrown out has no queue.
        if (_isListed || _isUrgent || _queuedBytes == 0)
            return;

        _isListed = true;
        settings.SendLimits.Backlogs.Add(owner);
    }

    /// <summary>Nothing waits any more, or nothing ever will be sent.</summary>
    /// <returns>Whether somebody is to be told.</returns>
    private bool CatchUp_NeedsLock()
    {
        if (!_isBehind)
            return false;

        var mustTell = _hasWaitedForPeer;
        _isBehind = _isWrittenOff = _hasWaitedForPeer = false;

        // First, so that whoever has waited finds nothing waiting when it counts.
        Unlist_NeedsLock();
        _drained?.TrySetResult();
        _drained = null;
        return mustTell;
    }

    // While a message is open, others may wait for its end. Who is told that all is sent is told in order to send more.
    private bool CatchUpIfNothingWaits_NeedsLock() => _queue is not { IsEmpty: false } && CatchUp_NeedsLock() && !_isClosed;

    private void Unlist_NeedsLock()
    {
        if (_isListed)
            settings.SendLimits.Backlogs.Remove(owner);

        _isListed = false;
    }

    /// <summary>Writes as many of the first frames in the queue as one write carries.</summary>
    /// <param name="large">The first frame, if it is too large to be copied.</param>
    /// <returns>Whether something was written, or there is a large one.</returns>
    private bool TryWriteQueued_NeedsLock(out EncodedFrame? large)
    {
        large = null;
        if (_queue is null)
            return false;

        // Asked for once, so that all of it lies in one piece of memory and goes to the network in one call.
        var length = (int)Math.Min(_queue.FrameBytes, MaxPieceSize);
        var room = (long)MaxPieceSize;
        while (_queue.TryDequeueFrame(Math.Min(room, MaxInlineSize)) is { } frame)
        {
            if (room == MaxPieceSize)
                output.GetSpan(length);

            room -= frame.Bytes.Length;
            Write_NeedsLock(frame);
            Launch_NeedsLock(frame);
        }

        if (room == MaxPieceSize && _queue.TryDequeueFrame(long.MaxValue) is { } first)
        {
            Launch_NeedsLock(first);
            large = first;
        }

        return room < MaxPieceSize || large is not null;
    }

    private void Write_NeedsLock(EncodedFrame frame)
    {
        ForgetContextFor(frame);
        frame.Bytes.CopyTo(output.GetSpan(frame.Bytes.Length));
        output.Advance(frame.Bytes.Length);
    }

    private InFlight InFlight_NeedsLock => _inFlight ??= new InFlight();

    private long InFlightBytes_NeedsLock => _inFlight?.Bytes ?? 0;

    private bool IsCopied(EncodedFrame frame) => frame.Bytes.Length <= MaxInlineSize;

    private void Launch_NeedsLock(EncodedFrame frame)
    {
        InFlight_NeedsLock.Add(frame, copied: IsCopied(frame) ? frame.Bytes.Length : _sequences is null ? MaxPieceSize : 0);
        UpdateQueuedBytes_NeedsLock();
    }

    /// <summary>What was in flight has arrived, as far as we can know.</summary>
    private void Land_NeedsLock()
    {
        if (_inFlight is not { Bytes: > 0 })
            return;

        _inFlight.Land(settings.Metrics);
        UpdateQueuedBytes_NeedsLock();
    }

    private void DropInFlight_NeedsLock()
    {
        if (_inFlight is not null)
        {
            CountDropped_NeedsLock(DropReason.Closed, _inFlight.Count);
            _inFlight.Clear();
        }

        UpdateQueuedBytes_NeedsLock();
    }

    /// <returns>Whether the network has taken it; otherwise the connection has ended.</returns>
    private async Task<bool> SendLargeAsync(EncodedFrame frame)
    {
        try
        {
            await WriteLargeAsync(frame).ConfigureAwait(false);
        }
        catch (WebSocketClosedException)
        {
            // Nobody waits for this frame; the end of the connection is reported by whoever reads it.
            return false;
        }
        catch (Exception error)
        {
            // Half a frame can't be taken back, and there may be no memory for its other half.
            OnOutputFailed(error);
            return false;
        }

        ReleaseOutput();
        return true;
    }

    private ValueTask WriteLargeAsync(EncodedFrame frame)
    {
        ForgetContextFor(frame);
        return SendPayloadAsync(new ReadOnlySequence<byte>(frame.Bytes));
    }

    // With context takeover, our window lacks what this frame puts into the peer's.
    private void ForgetContextFor(EncodedFrame frame)
    {
        if (frame.IsCompressed)
            deflater!.ForgetContext(); // There is one, or the frame would be the plain variant.
    }
}
