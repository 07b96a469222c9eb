using System.Buffers;
using System.IO.Pipelines;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Connections;

// Where the connection belongs to a thread that works in turns, what is sent in a turn waits for its end, so that all of it leaves in one call. It counts as
// taken by the network, for it soon will be; counted it is when it has been. What a session sends in answer to what it has received is written at once. What
// goes to many is only noted. Where many are sent the same in a turn, it leaves from one place for all of them; otherwise it is written right before it leaves,
// into memory that is still in the processor's cache.
internal sealed partial class FrameSender : TurnScheduler.ITurnEnd, ITurnWriter.IFlusher
{
    /// <summary>Beyond this what a turn has sent leaves in its midst: a call for so many bytes is cheap beside the bytes.</summary>
    private const int MaxCorkedSize = 16 * 1024;

    /// <summary>So many frames are noted, at most.</summary>
    private const int MaxNotedCount = 64;

    // What has been written in this turn and not been flushed; and whether the end of the turn will be told. Any flush takes it along.
    private FrameTally _corked;
    private int _corkedBytes;

    // How many of these messages are not counted as published yet. They are when it is known what becomes of them: together, for a turn may send many.
    private int _corkedUncounted;
    private bool _awaitsTurnEnd;

    // Whether the turn owns the output, because all that has been written leaves in a row with what others send.
    private bool _isLeaving;

    // What is noted for the end of this turn or, from other threads, for the next; and whether that one will be told. Nobody owns the output meanwhile, unless
    // it became so much that it has been put into the queue: then the turn does.
    private TurnFrames _noted;
    private bool _awaitsTurn;
    private bool _isOwnedByTurn;

    /// <inheritdoc/>
    void TurnScheduler.ITurnEnd.OnTurnEnd()
    {
        ValueTask<FlushResult> flush = default;
        bool isDone, hasCaughtUp = false;
        using (EnterAtHome())
        {
            _awaitsTurnEnd = false;

            // Whoever owns the output flushes before giving it away.
            if (_isOutputOwned)
                return;

            var shared = TakeShared_NeedsLock();
            WriteNoted_NeedsLock();
            _isOutputOwned = _isLeaving = _corkedBytes > 0 && _inTurns?.TryFlushInARow(shared, this) == true;
            if (_isLeaving)
                return;

            // Others may have taken along what was noted, and told nobody.
            isDone = _corkedBytes == 0 || (shared.IsEmpty ? TryFlush(out flush) : TryFlushWith(shared, out flush));
            if (isDone)
            {
                LandCorked_NeedsLock();
                hasCaughtUp = CatchUpIfNothingWaits_NeedsLock();
            }
            else
            {
                LaunchCorked_NeedsLock();
                OwnOutput_NeedsLock();
            }
        }

        if (!isDone)
            _ = FinishQuietlyAsync(flush);
        else if (hasCaughtUp)
            owner.OnDrained();
    }

    /// <inheritdoc/>
    void ITurnWriter.IFlusher.OnFlushed()
    {
        bool isAwaited, hasCaughtUp;
        using (EnterAtHome())
            isAwaited = EndFlush_NeedsLock(out hasCaughtUp);

        GiveAway(isAwaited, hasCaughtUp);
    }

    /// <inheritdoc/>
    void ITurnWriter.IFlusher.OnFlushed(ValueTask<FlushResult> flush)
    {
        if (IsDone(flush, out flush))
        {
            EndFlush();
            return;
        }

        using (Enter())
        {
            _isLeaving = false;
            LaunchCorked_NeedsLock();
        }

        _ = FinishQuietlyAsync(flush);
    }

    /// <summary>All that was written has been flushed by whoever owns the output, and gives it away. Mostly nobody waits for it.</summary>
    private void EndFlush()
    {
        bool isAwaited, hasCaughtUp;
        using (Enter())
            isAwaited = EndFlush_NeedsLock(out hasCaughtUp);

        GiveAway(isAwaited, hasCaughtUp);
    }

    /// <returns>Whether somebody waits for the output, which then remains the caller's.</returns>
    private bool EndFlush_NeedsLock(out bool hasCaughtUp)
    {
        _isLeaving = false;
        LandCorked_NeedsLock();
        var isAwaited = _isOutputOwned = IsOutputAwaited_NeedsLock;
        hasCaughtUp = !isAwaited && _noted.Count == 0 && CatchUpIfNothingWaits_NeedsLock();
        return isAwaited;
    }

    private void GiveAway(bool isAwaited, bool hasCaughtUp)
    {
        if (isAwaited)
            ReleaseOutput();
        else if (hasCaughtUp)
            owner.OnDrained();
    }

    // What was noted meanwhile on another thread has a turn of its own.
    private bool IsOutputAwaited_NeedsLock
        => _isClosed || _queue is { IsEmpty: false } || _pendingControl is { IsEmpty: false } || _messageOwner is not null || (_noted.Count > 0 && !_awaitsTurn);

    /// <summary>Sends a message that was received, in the way of nearly all answers: in a turn, short, and with nothing in its way.</summary>
    /// <returns>Whether it will leave with the turn; otherwise nothing has happened.</returns>
    private bool TryAnswerInTurn(in WebSocketMessage message)
    {
        if (!message.IsBehindHeader || turns is not { IsInTurn: true })
            return false;

        var payload = message.Payload;
        var (start, end) = (payload.Start.GetInteger(), payload.End.GetInteger());
        if (end - start > MaxInlineSize)
            return false;

        var array = (byte[])payload.Start.GetObject()!; // It lies in one.
        var (opcode, payloadLength) = ((Opcode)message.Type, end - start);
        var headerLength = FrameHeader.LengthFor(payloadLength);
        var length = headerLength + payloadLength;
        using (EnterAtHome())
        {
            if (_isClosed || _isGivenUp || _isOutputOwned || _isMessageOpen || _noted.Count > 0)
                return false;

            if (_corkedBytes + length > MaxCorkedSize)
                return false;

            if (_inTurns?.TryBorrow(array, start - headerLength, length) == true)
            {
                // Over the header of the received frame, of which nobody needs anything any more.
                FrameHeader.Write(array.AsSpan(start - headerLength), opcode, fin: true, payloadLength);
            }
            else
            {
                var room = output.GetSpan(length);
                array.AsSpan(start, payloadLength).CopyTo(room[FrameHeader.Write(room, opcode, fin: true, payloadLength)..]);
                output.Advance(length);
            }

            _corkedBytes += length;
            _corked.Add(opcode, payloadLength);
            _corkedUncounted++;
            AwaitTurnEnd_NeedsLock();
            return true;
        }
    }

    /// <summary>Lets bytes that have been written wait for the end of the turn, if there is one and they are not too many.</summary>
    private bool TryCork_NeedsLock(int length, bool isInTurn)
    {
        if (!isInTurn || _corkedBytes + length > MaxCorkedSize)
            return false;

        _corkedBytes += length;
        AwaitTurnEnd_NeedsLock();
        return true;
    }

    /// <summary>Lets a message that has been written wait for the end of the turn, like <see cref="TryCork_NeedsLock"/>.</summary>
    private bool TryCorkMessage_NeedsLock(Opcode opcode, long payloadLength, bool isInTurn)
    {
        if (!TryCork_NeedsLock(FrameHeader.LengthFor(payloadLength) + (int)payloadLength, isInTurn))
            return false;

        _corked.Add(opcode, payloadLength);
        return true;
    }

    private void AwaitTurnEnd_NeedsLock()
    {
        if (_awaitsTurnEnd)
            return;

        _awaitsTurnEnd = true;
        turns!.AtEndOfTurn(this); // The caller is in a turn.
    }

    /// <summary>Whether a frame that is noted has nothing before it but what leaves now.</summary>
    private bool MayNote_NeedsLock => !_isMessageOpen && (!_isOutputOwned || (_isLeaving && _queue is not { IsEmpty: false }));

    /// <summary>Notes a frame, which is for many, for the end of this turn or for the next.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="isInTurn">Whether the caller is in a turn of that thread.</param>
    /// <param name="mustSchedule">Whether the caller is to let the thread <see cref="TakeTurn"/>, as soon as it holds no lock any more.</param>
    /// <returns>Whether it is noted; otherwise it is too large, or too much is, or there are no turns.</returns>
    private bool TryNote_NeedsLock(EncodedFrame frame, bool isInTurn, out bool mustSchedule)
    {
        mustSchedule = false;
        if (turns is null || _noted.Count == MaxNotedCount || _noted.Bytes + _corkedBytes + frame.Bytes.Length > MaxCorkedSize)
            return false;

        _noted.Add(frame);
        if (isInTurn)
        {
            AwaitTurnEnd_NeedsLock();
            return true;
        }

        _isBehind = true;
        mustSchedule = !_awaitsTurn;
        _awaitsTurn = true;
        UpdateQueuedBytes_NeedsLock();
        return true;
    }

    /// <summary>Puts a frame into the queue, behind what is noted, and leaves the output to the thread of the connection. Called on another.</summary>
    /// <returns>Whether the caller is to let the thread <see cref="TakeTurn"/>, as soon as it holds no lock any more.</returns>
    private bool QueueForTurn_NeedsLock(EncodedFrame frame, string? key)
    {
        _queue ??= new();
        foreach (var noted in _noted.Frames)
            _queue.Enqueue(noted, key: null);

        _noted.Clear();
        _queue.Enqueue(frame, key);
        var mustSchedule = !_awaitsTurn;
        _isOwnedByTurn = _awaitsTurn = true;
        OwnOutput_NeedsLock();
        UpdateQueuedBytes_NeedsLock();
        FallBehind_NeedsLock();
        return mustSchedule;
    }

    /// <summary>The turn has come that somebody else has asked for.</summary>
    private void TakeTurn()
    {
        using (Enter())
        {
            _awaitsTurn = false;
            UpdateQueuedBytes_NeedsLock();
            if (!_isOwnedByTurn)
            {
                // Others may have something for it in this turn, too; or have taken it along, and then its end tells who waits for that.
                if (_noted.Count > 0 || _isBehind)
                    AwaitTurnEnd_NeedsLock();

                return;
            }

            _isOwnedByTurn = false;
        }

        ReleaseOutput();
    }

    /// <summary>Takes what is noted, and is all that leaves now, from where it lies for all who are sent the same.</summary>
    /// <returns>What goes out as if it had been written; empty if it is to be written.</returns>
    private ReadOnlySequence<byte> TakeShared_NeedsLock()
    {
        if (_sequences is null || _corkedBytes > 0 || _noted.Count == 0 || !SharedRun.OfThread.TryGet(_noted, out var bytes))
            return default;

        foreach (var frame in _noted.Frames)
            ForgetContextFor(frame);

        CorkNoted_NeedsLock();
        return bytes;
    }

    /// <summary>Writes what is noted. Whoever calls it flushes, or leaves that to the end of the turn.</summary>
    private void WriteNoted_NeedsLock()
    {
        if (_noted.Count > 0)
            WriteAllNoted_NeedsLock();
    }

    private void WriteAllNoted_NeedsLock()
    {
        // Asked for once, so that all of it lies in one piece of memory.
        output.GetSpan(_noted.Bytes);
        foreach (var frame in _noted.Frames)
            Write_NeedsLock(frame);

        CorkNoted_NeedsLock();
    }

    /// <summary>What is noted is on its way with what has been written.</summary>
    private void CorkNoted_NeedsLock()
    {
        foreach (var frame in _noted.Frames)
            _corked.Add(frame.Opcode, frame.PayloadLength);

        _corkedBytes += _noted.Bytes;
        _noted.Clear();
        UpdateQueuedBytes_NeedsLock();
    }

    /// <summary>All that has been written has been flushed.</summary>
    private void LandCorked_NeedsLock()
    {
        if (_corkedBytes == 0)
            return;

        _corked.CountAsSent(settings.Metrics, _corkedUncounted);
        _corkedBytes = _corkedUncounted = 0;
    }

    /// <summary>What was to leave with this flush waits with it.</summary>
    private void LaunchCorked_NeedsLock()
    {
        if (!_corked.IsEmpty)
        {
            CountPublished_NeedsLock();
            InFlight_NeedsLock.Add(_corked, _corkedBytes);
            UpdateQueuedBytes_NeedsLock();
        }

        (_corked, _corkedBytes) = (default, 0);
    }

    private void CountPublished_NeedsLock()
    {
        if (_corkedUncounted == 0)
            return;

        settings.Metrics.MessagesPublished(_corkedUncounted);
        _corkedUncounted = 0;
    }

    private void DropCorked_NeedsLock()
    {
        CountPublished_NeedsLock();
        CountDropped_NeedsLock(DropReason.Closed, _corked.Count);
        (_corked, _corkedBytes) = (default, 0);
    }
}
