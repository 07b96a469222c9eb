using System.Buffers;
using System.IO.Pipelines;
using RawWs.Compression;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Connections;

/// <summary>
/// Everything that a connection sends after the handshake, in order: one writer at a time, messages whole or fragment by fragment but never
/// interleaved, control frames between them. A frame that the network takes at once leaves on its sender's thread; while it does not,
/// senders and frames wait their turn, first come, first served.
/// </summary>
/// <remarks>
/// Thread-safe. Two things are owned: the <i>output</i>, by whoever writes and flushes at this moment, and the <i>message</i>, by whoever
/// sends one in fragments. Between two of them the output is free for control frames, but no other message may begin.
/// </remarks>
internal sealed partial class FrameSender(
    PipeWriter output, TurnScheduler? turns, WebSocketConnection owner, MessageDeflater? deflater, ConnectionSettings settings) : BiasedLock
{
    /// <summary>What goes out in one piece, at most; what is larger goes in several.</summary>
    private const int MaxPieceSize = 64 * 1024;

    /// <summary>Where the output can send bytes from where they lie, so many are still copied: that costs less than an additional piece.</summary>
    private const int MaxCopiedSize = 4 * 1024;

    private readonly ISequenceWriter? _sequences = output as ISequenceWriter;
    private readonly ITurnWriter? _inTurns = output as ITurnWriter;

    private bool _isOutputOwned;
    private bool _isMessageOpen;
    private bool _isClosed;
    private SendQueue? _queue;
    private SendWaiter? _messageOwner;
    private PendingControlFrames? _pendingControl;
    private long _blockedSince = long.MaxValue;
    private long _lengthWhenBlocked;
    private long _progressedAt;

    // Bytes of direct sends that wait, or that the network has not taken yet. They are their senders' own.
    private long _directBytes;

    /// <summary>Compresses its messages, and is whoever's who ends the connection to dispose of; null if they are not compressed.</summary>
    public MessageDeflater? Deflater => deflater;

    /// <summary>The turns of the thread that the connection belongs to; null if it belongs to none.</summary>
    public TurnScheduler? Turns => turns;

    /// <summary>Takes the lock, which the connection also has for a few lines of its own: to decide who reads, and where the closing stands.</summary>
    public Scope Enter() => Enter(turns);

    /// <summary>Since when the network has refused to take more, in the wheel's time; <see cref="long.MaxValue"/> if it has not.</summary>
    public long BlockedSince => Volatile.Read(ref _blockedSince);

    /// <summary>
    /// When it was last noticed that the network has taken something after it had refused to, in the wheel's time: that takes a peer that reads. 0 if it never has.
    /// </summary>
    public long ProgressedAt => Volatile.Read(ref _progressedAt);

    /// <summary>Begins the time of refusal anew if the network has taken something in it. Called by one thread at a time.</summary>
    public void NoteProgress(long now)
    {
        if (_sequences is null || _sequences.SentLength == _lengthWhenBlocked)
            return;

        _lengthWhenBlocked = _sequences.SentLength;
        var since = BlockedSince;
        if (since == long.MaxValue)
            return;

        Volatile.Write(ref _progressedAt, now);
        Interlocked.CompareExchange(ref _blockedSince, now, since);
    }

    /// <summary>Up to this size a payload is copied behind its header.</summary>
    private int MaxInlineSize => _sequences is null ? MaxPieceSize : MaxCopiedSize;

    /// <summary>Sends a message in one frame. Completes when the network has taken it.</summary>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    private ValueTask SendAsync(
        Opcode opcode, in ReadOnlySequence<byte> payload, bool isCompressed, CancellationToken cancellationToken, bool isBehindHeader = false)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        SendWaiter? waiter = null;
        var isCopied = payload.Length <= MaxInlineSize;
        ValueTask<FlushResult> flush = default;

        using (var scope = Enter())
        {
            ThrowIfClosed_NeedsLock();

            if (_isOutputOwned || _isMessageOpen)
            {
                isCopied = false;
                waiter = Wait_NeedsLock();
            }
            else
            {
                WriteNoted_NeedsLock();
            }

            if (isCopied)
            {
                // If the payload can't be read, nothing has happened yet.
                WriteFrame(opcode, fin: true, payload, isCompressed);
            }

            // The common case where there are turns.
            if (isCopied && TryCorkMessage_NeedsLock(opcode, payload.Length, scope.IsAtHome))
            {
                _corkedUncounted++;
                return default;
            }

            // The common case elsewhere: the network has taken it, on this thread.
            settings.Metrics.MessagesPublished(1);
            if (isCopied && TryFlushWritten_NeedsLock(opcode, payload.Length, out flush))
                return default;

            if (waiter is null)
                OwnOutput_NeedsLock();
        }

        if (isCopied)
            return FinishAsync(opcode, payload.Length, flush);

        return waiter is null && _sequences is not null
            ? SendFromPlace(opcode, payload, isCompressed, isBehindHeader)
            : SendInTurnAsync(opcode, payload, isCompressed, waiter, cancellationToken);
    }

    /// <summary>Sends a ping or pong: at once if the output is free, else as soon as it is. Never waits, and does nothing once closing.</summary>
    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        ValueTask<FlushResult> flush;
        using (var scope = Enter())
        {
            if (_isClosed)
                return;

            if (_isOutputOwned)
            {
                (_pendingControl ??= new()).Put(opcode, payload);
                return;
            }

            WriteControl(opcode, payload);
            if (TryCork_NeedsLock(FrameHeader.LengthFor(payload.Length) + payload.Length, scope.IsAtHome) || TryFlush(out flush))
                return;

            OwnOutput_NeedsLock();
        }

        _ = FinishQuietlyAsync(flush);
    }

    /// <summary>Writes what would leave from the memory that the last message lies in, which is taken from it.</summary>
    public void KeepBorrowed()
    {
        using (Enter())
            _inTurns?.KeepBorrowed();
    }

    /// <summary>Makes the caller the owner of the output, who may write when this turn has ended: what is borrowed until then is written before.</summary>
    private void OwnOutput_NeedsLock()
    {
        _inTurns?.KeepBorrowed();
        _isOutputOwned = true;
    }

    private async ValueTask SendInTurnAsync(
        Opcode opcode, ReadOnlySequence<byte> payload, bool isCompressed, SendWaiter? waiter, CancellationToken cancellationToken)
    {
        var outcome = DropReason.Closed;
        AddDirect(1, payload.Length);
        try
        {
            if (waiter is not null && !await waiter.WaitAsync(cancellationToken).ConfigureAwait(false))
                throw Closed();

            // From here on the frame is sent whole: half of one can't be taken back.
            await WriteInPiecesAsync(opcode, fin: true, payload, isCompressed).ConfigureAwait(false);
            outcome = DropReason.None;
        }
        catch (OperationCanceledException)
        {
            outcome = DropReason.Cancelled;
            throw;
        }
        finally
        {
            SettleDirect(opcode, payload.Length, outcome);
        }

        ReleaseOutput();
    }

    private async ValueTask FinishAsync(Opcode opcode, long length, ValueTask<FlushResult> flush)
    {
        var outcome = DropReason.Closed;
        AddDirect(1, length);
        try
        {
            await AwaitFlushAsync(flush).ConfigureAwait(false);
            outcome = DropReason.None;
        }
        finally
        {
            SettleDirect(opcode, length, outcome);
        }

        ReleaseOutput();
    }

    private async Task FinishQuietlyAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            await AwaitFlushAsync(flush).ConfigureAwait(false);
        }
        catch (WebSocketClosedException)
        {
            // Nobody waits for this frame; the end of the connection is reported by whoever reads it.
            return;
        }

        ReleaseOutput();
    }

    private void AddDirect(int count, long bytes)
    {
        Interlocked.Add(ref _directBytes, bytes);
        settings.SendLimits.Backlogs.AddDirect(count, bytes);
    }

    private void SettleDirect(Opcode opcode, long length, DropReason outcome)
    {
        AddDirect(-1, -length);
        if (outcome == DropReason.None)
            settings.Metrics.MessagesSent(opcode, 1, length);
        else
            settings.Metrics.MessagesDropped(outcome, 1);
    }

    /// <summary>Sends a message that has been written.</summary>
    /// <returns>Whether that is all; otherwise <paramref name="flush"/> is to be awaited, by whoever owns the output from here on.</returns>
    private bool TryFlushWritten_NeedsLock(Opcode opcode, long payloadLength, out ValueTask<FlushResult> flush)
    {
        if (!TryFlush(out flush))
        {
            LaunchCorked_NeedsLock();
            return false;
        }

        LandCorked_NeedsLock();
        settings.Metrics.MessagesSent(opcode, 1, payloadLength);
        return true;
    }

    private void WriteHeader(Opcode opcode, bool fin, long payloadLength, bool isCompressed)
        => output.Advance(FrameHeader.Write(output.GetSpan(FrameHeader.MaxLength), opcode, fin, payloadLength, isCompressed));

    private void WriteFrame(Opcode opcode, bool fin, in ReadOnlySequence<byte> payload, bool isCompressed)
    {
        var length = (int)payload.Length;
        var span = output.GetSpan(FrameHeader.LengthFor(length) + length);
        var headerLength = FrameHeader.Write(span, opcode, fin, length, isCompressed);
        if (payload.IsSingleSegment)
            payload.FirstSpan.CopyTo(span[headerLength..]); // The shorter way, and nearly always the one.
        else
            payload.CopyTo(span[headerLength..]);

        output.Advance(headerLength + length);
    }

    private void WriteControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var span = output.GetSpan(FrameHeader.MaxLength + payload.Length);
        var headerLength = FrameHeader.Write(span, opcode, fin: true, payload.Length);
        payload.CopyTo(span[headerLength..]);
        output.Advance(headerLength + payload.Length);
        settings.Metrics.FramesSent(opcode, 1, payload.Length);
    }

    private ValueTask FlushAsync()
        => TryFlush(out var flush) ? default : AwaitFlushAsync(flush);

    /// <returns>Whether the flush is done and well; otherwise <paramref name="flush"/> is to be awaited.</returns>
    private bool TryFlush(out ValueTask<FlushResult> flush)
    {
        try
        {
            return IsDone(output.FlushAsync(CancellationToken.None), out flush);
        }
        catch (Exception error)
        {
            // A transport may say at once that it is broken, somebody else's in words of its own.
            flush = ValueTask.FromException<FlushResult>(error);
            return false;
        }
    }

    private static bool IsDone(ValueTask<FlushResult> begun, out ValueTask<FlushResult> flush)
    {
        flush = begun;
        if (!flush.IsCompletedSuccessfully)
            return false;

        // A value task gives its result once.
        var result = flush.Result;
        flush = new ValueTask<FlushResult>(result);
        return !result.IsCompleted;
    }

    /// <exception cref="WebSocketClosedException">The connection broke.</exception>
    private async ValueTask AwaitFlushAsync(ValueTask<FlushResult> flush)
    {
        var isBlocked = !flush.IsCompleted;
        if (isBlocked)
            OnBlocked();

        try
        {
            var result = await flush.ConfigureAwait(false);
            if (isBlocked)
                Volatile.Write(ref _progressedAt, owner.Now);

            Volatile.Write(ref _blockedSince, long.MaxValue);

            if (result.IsCompleted)
                throw new TransportClosedException("Nobody reads what is sent.");
        }
        catch (Exception error)
        {
            // As above.
            OnOutputFailed(error);
            throw Closed();
        }
    }

    /// <summary>The network takes no more until it has room again.</summary>
    private void OnBlocked()
    {
        var now = owner.Now;
        _lengthWhenBlocked = _sequences?.SentLength ?? 0;
        Volatile.Write(ref _blockedSince, now);
        owner.OnSendBlocked(now);
        using (Enter())
        {
            LaunchCorked_NeedsLock();
            UpdateQueuedBytes_NeedsLock();

            // A control frame that waits is nobody's concern.
            if (BufferedBytes > 0)
                FallBehind_NeedsLock();
        }
    }
}
