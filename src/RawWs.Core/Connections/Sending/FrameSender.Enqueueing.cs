using System.IO.Pipelines;
using RawWs.Diagnostics;

namespace RawWs.Connections;

// What is handed over without waiting: broadcasts, and direct sends whose policy is not to wait. What the network does not take at once waits in the
// queue, within limits.
internal sealed partial class FrameSender
{
    private long _queuedBytes;
    private long _droppedCount;

    // Messages have been dropped and the connection is about to be closed for it: nothing comes behind the gap.
    private bool _isGivenUp;

    /// <summary>Bytes that wait for the peer: frames in the queue or in flight, and what direct senders wait with.</summary>
    public long BufferedBytes => QueuedBytes + Volatile.Read(ref _directBytes);

    /// <summary>Bytes of frames in the queue or in flight.</summary>
    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>Whether messages have been dropped for which the connection is to be closed.</summary>
    public bool IsGivenUp => Volatile.Read(ref _isGivenUp);

    /// <summary>How many frames are in the queue or in flight. From any thread; of this moment, roughly.</summary>
    public int QueuedCount => (Volatile.Read(ref _queue)?.FrameCount ?? 0) + (Volatile.Read(ref _inFlight)?.Count ?? 0);

    /// <summary>How many messages have been dropped.</summary>
    public long DroppedCount => Volatile.Read(ref _droppedCount);

    private int FrameCount_NeedsLock => _queue?.FrameCount ?? 0;

    /// <summary>Hands over a message, and never waits.</summary>
    /// <param name="message">The message. Which of its variants is sent was agreed on in the handshake.</param>
    /// <param name="options">Its conflation key, and whether it stays uncompressed.</param>
    /// <param name="policy">What happens if the queue is full. With <see cref="SlowConsumerPolicy.Wait"/> it is queued all the same.</param>
    /// <param name="isBroadcast">Whether it goes to many: then each connection's own thread sends it, together with what else comes up until its turn.</param>
    public Enqueued Enqueue(PreparedMessage message, in SendOptions options, SlowConsumerPolicy policy, bool isBroadcast)
    {
        var frame = FrameOf(message, options.Uncompressed);
        var isLarge = !IsCopied(frame);
        ValueTask<FlushResult> flush = default;
        var isFirst = false;
        var mustSchedule = false;
        var outcome = Enqueued.Queued;

        using (var scope = Enter())
        {
            if (_isClosed || _isGivenUp)
                return Enqueued.Closed;

            settings.Metrics.MessagesPublished(1);
            if (isBroadcast && MayNote_NeedsLock && TryNote_NeedsLock(frame, scope.IsAtHome, out mustSchedule))
            {
                outcome = scope.IsAtHome ? Enqueued.Sent : Enqueued.Queued;
            }
            else if (_isOutputOwned || _isMessageOpen)
            {
                outcome = Queue_NeedsLock(frame, options.ConflationKey, policy);
            }
            else if (isBroadcast && turns is not null && !scope.IsAtHome)
            {
                mustSchedule = QueueForTurn_NeedsLock(frame, options.ConflationKey);
            }
            else
            {
                isFirst = true;
                WriteNoted_NeedsLock();
                if (!isLarge && TrySendNow_NeedsLock(frame, scope.IsAtHome, out flush))
                    return Enqueued.Sent;

                Launch_NeedsLock(frame);
                OwnOutput_NeedsLock();
            }
        }

        if (mustSchedule)
            turns!.Schedule(static sender => ((FrameSender)sender!).TakeTurn(), this);
        else if (isFirst && isLarge)
            outcome = SendLargeAsync(frame) is { IsCompletedSuccessfully: true, Result: true } ? Enqueued.Sent : Enqueued.Queued;
        else if (isFirst)
            _ = FinishQuietlyAsync(flush);
        else if (outcome == Enqueued.Dropped && policy == SlowConsumerPolicy.Disconnect)
            owner.OnTooSlow();

        settings.SendLimits.Backlogs.RelieveIfNeeded();
        return outcome;
    }

    /// <summary>
    /// Hands over several messages, which leave together. Queued even if that fills the queue, for whoever calls it bounds how many they are; but a queue that is
    /// full already takes no more of that, and the connection is given up: <see cref="IsGivenUp"/>.
    /// </summary>
    /// <returns>Whether they wait for the caller to release the output, by <see cref="ReleaseOutput"/>, as soon as it holds no lock any more.</returns>
    public bool EnqueueAll(ReadOnlySpan<PreparedMessage> messages)
    {
        // Before the lock: what has not been sent to anybody is compressed now.
        var frames = new EncodedFrame[messages.Length];
        for (var index = 0; index < frames.Length; index++)
            frames[index] = FrameOf(messages[index], uncompressed: false);

        using (Enter())
        {
            if (_isClosed || _isGivenUp)
                return false;

            settings.Metrics.MessagesPublished(frames.Length);
            if (_queuedBytes > settings.SendLimits.MaxQueueSize || FrameCount_NeedsLock > settings.SendLimits.MaxQueueCount)
            {
                GiveUp_NeedsLock(DropReason.Disconnected);
                CountDropped_NeedsLock(DropReason.Disconnected, frames.Length);
                return false;
            }

            foreach (var frame in frames)
                (_queue ??= new()).Enqueue(frame, key: null);

            UpdateQueuedBytes_NeedsLock();
            if (!_isOutputOwned && !_isMessageOpen)
            {
                WriteNoted_NeedsLock();
                OwnOutput_NeedsLock();
                return true;
            }

            FallBehind_NeedsLock();
            return false;
        }
    }

    /// <summary>
    /// Drops what waits, because too much does for all connections together, and lets the budget forget what is in flight: the connection is about to be
    /// closed, and whoever is slower than others but sound must not have to make room for it until it has ended.
    /// </summary>
    public void Forfeit()
    {
        using (Enter())
        {
            GiveUp_NeedsLock(DropReason.Ceiling);
            _inFlight?.WriteOff();
            Unlist_NeedsLock();
        }
    }

    private bool TrySendNow_NeedsLock(EncodedFrame frame, bool isInTurn, out ValueTask<FlushResult> flush)
    {
        Write_NeedsLock(frame);
        flush = default;
        return TryCorkMessage_NeedsLock(frame.Opcode, frame.PayloadLength, isInTurn) || TryFlushWritten_NeedsLock(frame.Opcode, frame.PayloadLength, out flush);
    }

    private Enqueued Queue_NeedsLock(EncodedFrame frame, string? key, SlowConsumerPolicy policy)
    {
        if (policy == SlowConsumerPolicy.Conflate && key is not null && TryConflate_NeedsLock(frame, key))
            return CongestionOf_NeedsLock(policy);

        if (policy is SlowConsumerPolicy.DropOldest or SlowConsumerPolicy.Conflate)
            DropOldest_NeedsLock(frame);

        if (policy == SlowConsumerPolicy.Wait || Fits_NeedsLock(frame))
        {
            (_queue ??= new()).Enqueue(frame, key);
            UpdateQueuedBytes_NeedsLock();
            FallBehind_NeedsLock();
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
    }

    private bool Fits_NeedsLock(EncodedFrame frame)
        => _queuedBytes + frame.Bytes.Length <= settings.SendLimits.MaxQueueSize && FrameCount_NeedsLock < settings.SendLimits.MaxQueueCount;

    /// <summary>Puts <paramref name="frame"/> into the place of an older value, or takes that out.</summary>
    /// <returns>Whether it has a place.</returns>
    private bool TryConflate_NeedsLock(EncodedFrame frame, string key)
    {
        if (_queue?.Conflate(frame, key, settings.SendLimits.MaxQueueSize - _queuedBytes) is not { WasThere: true } conflated)
            return false;

        CountDropped_NeedsLock(DropReason.Conflated, 1);
        UpdateQueuedBytes_NeedsLock();
        return conflated.IsReplaced;
    }

    /// <summary>Makes room for <paramref name="frame"/>, unless there would be none even if nothing else waited.</summary>
    private void DropOldest_NeedsLock(EncodedFrame frame)
    {
        if (InFlightBytes_NeedsLock + frame.Bytes.Length > settings.SendLimits.MaxQueueSize)
            return;

        var count = 0;
        while (!Fits_NeedsLock(frame) && _queue?.TryDropOldest() == true)
        {
            UpdateQueuedBytes_NeedsLock();
            count++;
        }

        CountDropped_NeedsLock(DropReason.Oldest, count);
    }

    private Enqueued CongestionOf_NeedsLock(SlowConsumerPolicy policy)
    {
        var isHalfFull = _queuedBytes > settings.SendLimits.MaxQueueSize / 2 || FrameCount_NeedsLock > settings.SendLimits.MaxQueueCount / 2;
        return isHalfFull && (!_isWrittenOff || policy == SlowConsumerPolicy.Wait) ? Enqueued.Congested : Enqueued.Queued;
    }

    private void GiveUp_NeedsLock(DropReason reason)
    {
        _isGivenUp = true;
        DropQueue_NeedsLock(reason);
        _queue?.RefuseWaiters();
    }

    private void DropQueue_NeedsLock(DropReason reason)
    {
        CountDropped_NeedsLock(reason, (_queue?.DropFrames() ?? 0) + _noted.Count);
        _noted.Clear();
        UpdateQueuedBytes_NeedsLock();
    }

    private void CountDropped_NeedsLock(DropReason reason, int count)
    {
        if (count == 0)
            return;

        Volatile.Write(ref _droppedCount, _droppedCount + count);
        settings.Metrics.MessagesDropped(reason, count);
    }

    // What is noted for the end of the turn waits for nobody but that, unless somebody else has the output.
    private void UpdateQueuedBytes_NeedsLock()
        => Volatile.Write(ref _queuedBytes, InFlightBytes_NeedsLock + (_queue?.FrameBytes ?? 0) + (_awaitsTurn || _isOutputOwned ? _noted.Bytes : 0));
}
