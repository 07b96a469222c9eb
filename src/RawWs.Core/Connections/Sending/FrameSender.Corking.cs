using System.IO.Pipelines;
using RawWs.Diagnostics;
using RawWs.Transport;

namespace RawWs.Connections;

// Where the connection belongs to a thread that works in turns, what is sent in a turn waits for its end, so that all of it leaves in one call. It counts as
// taken by the network, for it soon will be; counted it is when it has been.
internal sealed partial class FrameSender : TurnScheduler.ITurnEnd
{
    /// <summary>
    /// Beyond this what a turn has written is sent in its midst: a call for so many bytes is cheap beside the bytes, which are still in the processor's cache.
    /// </summary>
    private const int MaxCorkedSize = 16 * 1024;

    // What has been written in this turn and not been flushed; and whether the end of the turn will be told. Any flush takes it along.
    private FrameTally _corked;
    private int _corkedBytes;
    private bool _awaitsTurnEnd;

    // Whether the output waits for the next turn, and so does what is in the queue.
    private bool _awaitsTurn;

    /// <summary>Sends what has been sent in this turn so far. The session has answered all that it has received: there is nothing more to wait for.</summary>
    public void Uncork()
    {
        // Only in a turn it becomes more than nothing.
        if (Volatile.Read(ref _corkedBytes) > 0)
            FlushCorked();
    }

    /// <inheritdoc/>
    void TurnScheduler.ITurnEnd.OnTurnEnd()
    {
        Volatile.Write(ref _awaitsTurnEnd, false);
        Uncork();
    }

    private void FlushCorked()
    {
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            // Whoever owns the output flushes before giving it away.
            if (_corkedBytes == 0 || _isOutputOwned || TryFlushCorked_NeedsLock(out flush))
                return;

            LaunchCorked_NeedsLock();
            _isOutputOwned = true;
        }

        _ = FinishQuietlyAsync(flush);
    }

    /// <summary>Lets a frame wait for the next turn of the connection's thread, which owns the output from here on.</summary>
    private void QueueForTurn_NeedsLock(EncodedFrame frame, string? key)
    {
        _isOutputOwned = _awaitsTurn = true;
        (_queue ??= new()).Enqueue(frame, key);
        UpdateQueuedBytes_NeedsLock();
        FallBehind_NeedsLock();
    }

    private void TakeTurn()
    {
        lock (_gate)
        {
            _awaitsTurn = false;
        }

        ReleaseOutput();
    }

    private bool TryFlushCorked_NeedsLock(out ValueTask<FlushResult> flush)
    {
        if (!TryFlush(out flush))
            return false;

        LandCorked_NeedsLock();
        return true;
    }

    /// <summary>Lets bytes that have been written wait for the end of the turn, if there is one and they are not too many.</summary>
    private bool TryCork_NeedsLock(int length)
    {
        if (turns is null || !turns.IsInTurn || _corkedBytes + length > MaxCorkedSize)
            return false;

        _corkedBytes += length;
        if (_awaitsTurnEnd)
            return true;

        _awaitsTurnEnd = true;
        turns.AtEndOfTurn(this);
        return true;
    }

    /// <summary>All that has been written has been flushed.</summary>
    private void LandCorked_NeedsLock()
    {
        if (_corkedBytes == 0)
            return;

        _corked.CountAsSent(settings.Metrics);
        _corkedBytes = 0;
    }

    /// <summary>What was to leave with this flush waits with it.</summary>
    private void LaunchCorked_NeedsLock()
    {
        if (!_corked.IsEmpty)
        {
            _inFlight.Add(_corked, _corkedBytes);
            UpdateQueuedBytes_NeedsLock();
        }

        (_corked, _corkedBytes) = (default, 0);
    }

    private void DropCorked_NeedsLock()
    {
        CountDropped_NeedsLock(DropReason.Closed, _corked.Count);
        (_corked, _corkedBytes) = (default, 0);
    }
}
