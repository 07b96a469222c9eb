using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

internal sealed partial class FrameSender
{
    /// <summary>So many writes for others a sender makes before it leaves the rest to the thread pool.</summary>
    private const int MaxWritesForOthers = 16;

    private SendingEnd? _end;
    private bool _isShutdownRequested;

    // Whether closing waits for nobody: senders in line are refused, and a message that is being sent in fragments is broken off.
    private bool _isUrgent;
    private bool _isEnded;

    /// <summary>
    /// Sends a close frame: after the messages whose senders are waiting already if <paramref name="afterWaiting"/>, else before them, and
    /// they fail. New messages are refused from now on. If it <paramref name="isLast"/>, our side of TCP ends with it. Never waits. Only the first close frame
    /// is sent.
    /// </summary>
    public void SendClose(in ClosePayload close, bool afterWaiting, bool isLast)
    {
        using (Enter())
        {
            if (_isClosed && !isLast)
                return;

            if (!_isClosed)
                End_NeedsLock.CloseToSend = close;

            _isClosed = true;
            _isShutdownRequested |= isLast;
            if (!afterWaiting || isLast)
                MakeUrgent_NeedsLock();
        }

        RunWhenFree();
    }

    /// <summary>Ends our side of TCP once everything is sent. Never waits.</summary>
    public void Shutdown()
    {
        using (Enter())
        {
            _isClosed = true;
            _isShutdownRequested = true;
            MakeUrgent_NeedsLock();
        }

        RunWhenFree();
    }

    /// <summary>Waits until nothing is being sent and nothing will be: our side of TCP has ended, or the connection is broken.</summary>
    public Task WaitForEndAsync()
    {
        using (Enter())
        {
            return _isEnded ? Task.CompletedTask : (End_NeedsLock.Reached ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Nothing more can be sent, because the connection was aborted: whoever waits is told.</summary>
    public void Break(Exception error)
    {
        using (Enter())
        {
            BreakOff_NeedsLock(error);

            // Whoever owns the output finds out by its flush, and then the sender has ended; if nobody does, it has ended now.
            if (_isOutputOwned)
                return;

            OwnOutput_NeedsLock();
            ReachEnd_NeedsLock();
        }
    }

    /// <summary>What we wrote or flushed has failed. The output stays owned for ever: nobody may write any more.</summary>
    private void OnOutputFailed(Exception error)
    {
        using (Enter())
        {
            DropInFlight_NeedsLock();
            BreakOff_NeedsLock(error);
            ReachEnd_NeedsLock();
        }

        owner.OnSendFailed();
    }

    private void BreakOff_NeedsLock(Exception error)
    {
        End_NeedsLock.Failure ??= error;
        _isClosed = true;
        End_NeedsLock.CloseToSend = null;
        DropCorked_NeedsLock();
        MakeUrgent_NeedsLock();
    }

    private SendingEnd End_NeedsLock => _end ??= new SendingEnd();

    private void ReachEnd_NeedsLock()
    {
        _isEnded = true;
        _end?.Reached?.TrySetResult();
        CatchUp_NeedsLock();
    }

    private void RunWhenFree()
    {
        using (Enter())
        {
            // Whoever owns the output sees to it when it is released.
            if (_isOutputOwned)
                return;

            OwnOutput_NeedsLock();
        }

        ReleaseOutput();
    }

    /// <summary>
    /// Gives the output to the next in line, after having sent what control frames have come up, and what waits without a sender. Never waits: when the
    /// network does not take it at once, the rest goes on without the caller, who has sent its own.
    /// </summary>
    public void ReleaseOutput() => _ = ReleaseOutputAsync();

    private async Task ReleaseOutputAsync()
    {
        try
        {
            for (var count = 1; ; count++)
            {
                // What others hand over meanwhile may have no end.
                if (count % MaxWritesForOthers == 0)
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

                switch (TakeNext(out var large, out var hasCaughtUp))
                {
                    case Next.Flush:
                        await FlushAsync().ConfigureAwait(false);
                        break;

                    case Next.LargeFrame:
                        await WriteLargeAsync(large!).ConfigureAwait(false); // That is what comes next.
                        break;

                    case Next.Shutdown:
                        await EndOutputAsync().ConfigureAwait(false);
                        return;

                    default:
                        if (hasCaughtUp)
                            owner.OnDrained();
                        return;
                }
            }
        }
        catch (WebSocketClosedException)
        {
            // The connection broke before all was out; whoever reads reports it.
        }
        catch (Exception error)
        {
            // The top of what is sent for those who do not wait, as below.
            OnOutputFailed(error);
        }
    }

    /// <summary>Writes what comes next, or gives the output away.</summary>
    private Next TakeNext(out EncodedFrame? large, out bool hasCaughtUp)
    {
        using (Enter())
        {
            Land_NeedsLock();

            var next = TakeNext_NeedsLock(out large, out hasCaughtUp);
            if (next is Next.Flush or Next.LargeFrame)
                LaunchCorked_NeedsLock();

            return next;
        }
    }

    private Next TakeNext_NeedsLock(out EncodedFrame? large, out bool hasCaughtUp)
    {
        (large, hasCaughtUp) = (null, false);
        if (_end is { Failure: not null })
        {
            ReachEnd_NeedsLock();
            return Next.Nothing;
        }

        if (!_isClosed && _pendingControl is not null && _pendingControl.TryTake(out var opcode, out var payload))
        {
            WriteControl(opcode, payload);
            return Next.Flush;
        }

        if (!_isUrgent)
        {
            WriteNoted_NeedsLock();
            if (_isMessageOpen ? HandOverToMessageOwner_NeedsLock() : HandOver_NeedsLock(out large))
                return Next.Nothing;

            if (InFlightBytes_NeedsLock > 0)
                return large is null ? Next.Flush : Next.LargeFrame;
        }

        // §5.4: "Control frames MAY be injected in the middle of a fragmented message."
        if (_end is { CloseToSend: { } close } end && (_isUrgent || !_isMessageOpen))
        {
            WriteClose(close);
            end.CloseToSend = null;

            // If it is the last, it leaves with the end of our side, in one segment.
            if (!_isShutdownRequested || _corkedBytes > 0)
                return Next.Flush;
        }

        // What has been written in this turn, if its end does not see to it.
        if (_corkedBytes > 0 && (_isShutdownRequested || !_awaitsTurnEnd))
            return Next.Flush;

        _isOutputOwned = _isShutdownRequested;
        if (_isShutdownRequested)
            return Next.Shutdown;

        hasCaughtUp = CatchUpIfNothingWaits_NeedsLock();
        return Next.Nothing;
    }

    private bool HandOverToMessageOwner_NeedsLock()
    {
        var messageOwner = _messageOwner;
        _messageOwner = null;
        return messageOwner?.TrySetResult(true) ?? false;
    }

    /// <summary>Writes the frames that come next, or makes the sender that comes next the owner of the output.</summary>
    /// <returns>Whether it has an owner.</returns>
    private bool HandOver_NeedsLock(out EncodedFrame? large)
    {
        while (!TryWriteQueued_NeedsLock(out large))
        {
            if (_queue?.TryDequeueWaiter() is not { } waiter)
                return false;

            // One that was cancelled can't be completed any more and is passed over.
            if (waiter.TrySetResult(true))
                return true;
        }

        return false;
    }

    private void MakeUrgent_NeedsLock()
    {
        _isUrgent = true;
        _messageOwner?.TrySetResult(false);
        _messageOwner = null;
        DropQueue_NeedsLock(DropReason.Closed);
        _queue?.RefuseWaiters();
    }

    private void WriteClose(in ClosePayload close)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxShortPayloadLength];
        WriteControl(Opcode.Close, payload[..close.Write(payload)]);
    }

    private async ValueTask EndOutputAsync()
    {
        try
        {
            var completion = output.CompleteAsync();
            if (!completion.IsCompleted)
                OnBlocked();

            await completion.ConfigureAwait(false);
            Volatile.Write(ref _blockedSince, long.MaxValue);
        }
        catch (Exception error)
        {
            // The top of what is sent: whatever a transport throws, whoever waits for the end is told of it.
            OnOutputFailed(error);
        }

        using (Enter())
        {
            ReachEnd_NeedsLock();
        }
    }

    private void ThrowIfClosed_NeedsLock()
    {
        if (_isClosed || _isGivenUp)
            throw Closed();
    }

    private WebSocketClosedException Closed() => new("The connection is closing or has ended; nothing can be sent any more.", _end?.Failure);

    private enum Next
    {
        Nothing,
        Flush,
        LargeFrame,
        Shutdown,
    }
}
