using System.Buffers;
using System.IO.Pipelines;
using RawWs.Diagnostics;

namespace RawWs.Connections;

// What is handed over without waiting: broadcasts, and direct sends whose policy is not to wait. What the network does not take at once waits here,
// within limits, and leaves as many messages at a time as fit into one write.
internal sealed partial class FrameSender
{
    // Frames that have left the queue for the output, and that the network has not taken yet.
    private InFlight _inFlight;

    // Whether something waits, or is in flight, for whose end somebody may wait; and whether this connection is among the backlogs.
    private bool _isBehind;
    private bool _isListed;
    private bool _isWrittenOff;

    // Messages have been dropped and the connection is about to be closed for it: nothing comes behind the gap.
    private bool _isGivenUp;
    private TaskCompletionSource? _drained;
    private long _queuedBytes;
    private long _droppedCount;

    /// <summary>Bytes that wait for the peer: frames in the queue or in flight, and what direct senders wait with.</summary>
    public long BufferedBytes => Volatile.Read(ref _queuedBytes) + Volatile.Read(ref _directBytes);

    /// <summary>How many messages have been dropped.</summary>
    public long DroppedCount => Volatile.Read(ref _droppedCount);

    /// <summary>Hands over a message, and never waits.</summary>
    /// <param name="message">The message. Which of its variants is sent was agreed on in the handshake.</param>
    /// <param name="options">Its conflation key, and whether it stays uncompressed.</param>
    /// <param name="policy">What happens if the queue is full. With <see cref="SlowConsumerPolicy.Wait"/> it is queued all the same.</param>
    public Enqueued Enqueue(PreparedMessage message, in SendOptions options, SlowConsumerPolicy policy)
    {
        var frame = FrameOf(message, options.Uncompressed);
        var isLarge = frame.Bytes.Length > MaxPieceSize;
        ValueTask<FlushResult> flush = default;
        bool isFirst;
        Enqueued outcome;

        lock (_gate)
        {
            if (_isClosed || _isGivenUp)
                return Enqueued.Closed;

            settings.Metrics.MessagesPublished(1);
            isFirst = !_isOutputOwned && !_isMessageOpen;
            if (isFirst)
            {
                if (!isLarge && TrySendNow_NeedsLock(frame, out flush))
                    return Enqueued.Sent;

                Launch_NeedsLock(frame);
                _isOutputOwned = _isBehind = true;
                outcome = Enqueued.Queued;
            }
            else
            {
                outcome = Queue_NeedsLock(frame, options.ConflationKey, policy);
            }
        }

        if (isFirst)
            _ = isLarge ? SendLargeAsync(frame) : FinishQuietlyAsync(flush);
        else if (outcome == Enqueued.Dropped && policy == SlowConsumerPolicy.Disconnect)
            owner.OnTooSlow();

        if (SendBudget.Taken > settings.SendLimits.Backlogs.MaxMemory)
            settings.SendLimits.Backlogs.Relieve();

        return outcome;
    }

    /// <summary>Hands over several messages, which leave together. Queued in any case: whoever calls it bounds how many they are.</summary>
    /// <returns>Whether they wait for the caller to release the output, by <see cref="ReleaseOutput"/>, as soon as it holds no lock any more.</returns>
    public bool EnqueueAll(ReadOnlySpan<PreparedMessage> messages)
    {
        lock (_gate)
        {
            if (_isClosed || _isGivenUp)
                return false;

            settings.Metrics.MessagesPublished(messages.Length);
            foreach (var message in messages)
                Append_NeedsLock(FrameOf(message, uncompressed: false), key: null);

            if (_isOutputOwned || _isMessageOpen)
                return false;

            return _isOutputOwned = true;
        }
    }

    /// <summary>Waits until nothing waits for the peer any more, or the connection has ended.</summary>
    public Task WaitForDrainAsync()
    {
        lock (_gate)
        {
            if (!_isBehind || IsEnded_NeedsLock)
                return Task.CompletedTask;

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Until it has caught up, nobody waits for this peer any more before sending more: it has had its chance.</summary>
    public void WriteOff()
    {
        lock (_gate)
        {
            _isWrittenOff = _isBehind;
        }
    }

    /// <summary>Drops what waits, and takes nothing more. The connection is about to be closed.</summary>
    public void GiveUp(DropReason reason)
    {
        lock (_gate)
        {
            GiveUp_NeedsLock(reason);
        }
    }

    private bool TrySendNow_NeedsLock(EncodedFrame frame, out ValueTask<FlushResult> flush)
    {
        Write_NeedsLock(frame);
        if (!TryFlush(out flush))
            return false;

        settings.Metrics.MessagesSent(frame.Opcode, 1, frame.PayloadLength);
        return true;
    }

    private Enqueued Queue_NeedsLock(EncodedFrame frame, string? key, SlowConsumerPolicy policy)
    {
        var limits = settings.SendLimits;
        if (policy == SlowConsumerPolicy.Conflate && key is not null && _queue is not null)
        {
            var (wasThere, isReplaced) = _queue.Conflate(frame, key, maxGrowth: limits.MaxQueueSize - _queuedBytes);
            if (wasThere)
                CountDropped_NeedsLock(DropReason.Conflated, 1);

            UpdateQueuedBytes_NeedsLock();
            if (isReplaced)
                return CongestionOf_NeedsLock(policy);
        }

        if (!Fits_NeedsLock(frame) && policy is SlowConsumerPolicy.DropOldest or SlowConsumerPolicy.Conflate)
        {
            var before = FrameCount_NeedsLock;
            while (!Fits_NeedsLock(frame) && _queue?.TryDropOldest() == true)
            {
                // Each makes some room.
            }

            CountDropped_NeedsLock(DropReason.Oldest, before - FrameCount_NeedsLock);
            UpdateQueuedBytes_NeedsLock();
        }

        if (policy == SlowConsumerPolicy.Wait || Fits_NeedsLock(frame))
        {
            Append_NeedsLock(frame, key);
            return CongestionOf_NeedsLock(policy);
        }

        if (policy == SlowConsumerPolicy.Disconnect)
        {
            GiveUp_NeedsLock(DropReason.Disconnected);
            CountDropped_NeedsLock(DropReason.Disconnected, 1);
        }
        else
        {
            CountDropped_NeedsLock(DropReason.Newest, 1);
        }

        return Enqueued.Dropped;

        bool Fits_NeedsLock(EncodedFrame next)
            => _queuedBytes + next.Bytes.Length <= limits.MaxQueueSize && FrameCount_NeedsLock < limits.MaxQueueCount;
    }

    private int FrameCount_NeedsLock => _queue?.FrameCount ?? 0;

    private Enqueued CongestionOf_NeedsLock(SlowConsumerPolicy policy)
    {
        var isHalfFull = _queuedBytes > settings.SendLimits.MaxQueueSize / 2 || FrameCount_NeedsLock > settings.SendLimits.MaxQueueCount / 2;
        return isHalfFull && (!_isWrittenOff || policy == SlowConsumerPolicy.Wait) ? Enqueued.Congested : Enqueued.Queued;
    }

    private void Append_NeedsLock(EncodedFrame frame, string? key)
    {
        (_queue ??= new()).Enqueue(frame, key);
        UpdateQueuedBytes_NeedsLock();
        _isBehind = true;
        if (_isListed)
            return;

        _isListed = true;
        settings.SendLimits.Backlogs.Add(owner);
    }

    private SendWaiter Wait_NeedsLock()
    {
        var waiter = new SendWaiter();
        (_queue ??= new()).Enqueue(waiter);
        _isBehind = true;
        return waiter;
    }

    /// <summary>Writes as many of the first frames in the queue as one write carries.</summary>
    /// <param name="large">The first frame, if it is too large for one write.</param>
    /// <returns>Whether something was written, or there is a large one.</returns>
    private bool TryWriteQueued_NeedsLock(out EncodedFrame? large)
    {
        large = null;
        if (_queue is null)
            return false;

        var room = (long)MaxPieceSize;
        while (_queue.TryDequeueFrame(room) is { } frame)
        {
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

    private void Launch_NeedsLock(EncodedFrame frame)
    {
        _inFlight.Add(frame);
        UpdateQueuedBytes_NeedsLock();
    }

    /// <summary>What was in flight has arrived, as far as we can know.</summary>
    private void Land_NeedsLock()
    {
        if (_inFlight.Bytes == 0)
            return;

        _inFlight.Land(settings.Metrics);
        UpdateQueuedBytes_NeedsLock();
    }

    private void DropQueue_NeedsLock(DropReason reason)
    {
        CountDropped_NeedsLock(reason, _queue?.DropFrames() ?? 0);
        UpdateQueuedBytes_NeedsLock();
    }

    private void GiveUp_NeedsLock(DropReason reason)
    {
        _isGivenUp = true;
        DropQueue_NeedsLock(reason);
        _queue?.RefuseWaiters();
    }

    private void DropInFlight_NeedsLock()
    {
        CountDropped_NeedsLock(DropReason.Closed, _inFlight.Count);
        _inFlight.Clear();
        UpdateQueuedBytes_NeedsLock();
    }

    private void CountDropped_NeedsLock(DropReason reason, int count)
    {
        if (count == 0)
            return;

        _droppedCount += count;
        settings.Metrics.MessagesDropped(reason, count);
    }

    private void UpdateQueuedBytes_NeedsLock() => Volatile.Write(ref _queuedBytes, _inFlight.Bytes + (_queue?.FrameBytes ?? 0));

    /// <summary>Nothing waits any more, or nothing ever will be sent.</summary>
    /// <returns>Whether somebody is to be told.</returns>
    private bool CatchUp_NeedsLock()
    {
        if (!_isBehind)
            return false;

        _isBehind = _isWrittenOff = false;
        _drained?.TrySetResult();
        _drained = null;

        if (_isListed)
            settings.SendLimits.Backlogs.Remove(owner);

        _isListed = false;
        return true;
    }

    private async Task SendLargeAsync(EncodedFrame frame)
    {
        try
        {
            await WriteLargeAsync(frame).ConfigureAwait(false);
        }
        catch (WebSocketClosedException)
        {
            // Nobody waits for this frame; the end of the connection is reported by whoever reads it.
            return;
        }

        ReleaseOutput();
    }

    private ValueTask WriteLargeAsync(EncodedFrame frame)
    {
        ForgetContextFor(frame);
        return WritePayloadInPiecesAsync(new ReadOnlySequence<byte>(frame.Bytes));
    }

    // With context takeover, our window lacks what this frame puts into the peer's.
    private void ForgetContextFor(EncodedFrame frame)
    {
        if (frame.IsCompressed)
            deflater!.ForgetContext(); // There is one, or the frame would be the plain variant.
    }
}
