using RawWs.Connections;
using RawWs.Protocol;

namespace RawWs;

// Who reads. Mostly the session, on demand. When it does not, because its handler takes long or because it only ever sends, somebody must
// still see pings, pongs and the peer's close frame: then a background reader takes them out, up to the next message, which it leaves to
// the session. While the connection closes it also discards, up to the end of TCP.
public sealed partial class WebSocketConnection
{
    /// <summary>How much may pile up behind a message that the application still holds while the connection closes.</summary>
    private const int MaxHeldBack = 256 * 1024;

    // The session that is in place is not reading, but in a handler that was called where its message was read, and has not returned.
    private const int Nobody = 0, Session = 1, SessionAtHand = 2, Background = 3, SessionInPlace = 4;

    private int _reader = Nobody;
    private TaskCompletionSource? _backgroundEnded;
    private bool _isSessionOver;
    private bool _isTransportEnded;

    private bool TryBecomeReader(int reader)
    {
        if (Interlocked.CompareExchange(ref _reader, reader, Nobody) != Nobody)
            return false;

        Settle();
        return true;
    }

    /// <summary>The background reader ends with the next bytes of a message, or the end: then it is the session's turn.</summary>
    private async ValueTask TakeOverReadingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? background;
            using (_sender.Enter())
            {
                if (TryBecomeReader(Session))
                    return;

                if (_reader is Session or SessionAtHand)
                    throw new InvalidOperationException("Somebody is reading this connection already; it has one reader at a time.");

                background = _reader == SessionInPlace ? null : _backgroundEnded?.Task;
            }

            // It is a handler that reads, and that has not returned to where it was called.
            if (background is null)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            else
                await background.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void EndReading()
    {
        // Not only a volatile write: what is looked at next must not be looked at before it.
        Interlocked.Exchange(ref _reader, Nobody);
        ReadForThoseWhoRelyOnIt();
    }

    /// <summary>Ends a reading of what was at hand: <see cref="EndReading"/> without its cost, which <see cref="TryBecomeReaderInBackground"/> has in its place.</summary>
    private void EndReadingAtHand()
    {
        Volatile.Write(ref _reader, Nobody);
        Volatile.ReadBarrier();
        ReadForThoseWhoRelyOnIt();
    }

    // Whoever has begun to close or sent a ping meanwhile found that somebody was reading, and relies on it.
    private void ReadForThoseWhoRelyOnIt()
    {
        if (!IsOpen || _pings is { IsEmpty: false })
            EnsureSomebodyReads();
    }

    private Task WaitForTransportEndAsync()
    {
        using (_sender.Enter())
        {
            if (_isTransportEnded)
                return Task.CompletedTask;

            return (Closing_NeedsLock.TransportEnded ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private bool TryBecomeReaderInBackground()
    {
        var reader = Interlocked.CompareExchange(ref _reader, Background, Nobody);
        if (reader == SessionAtHand)
        {
            // Maybe it has ended its reading and looked for us, and only its processor knows. What we see after a barrier there is either the end of that, or will look for us.
            Interlocked.MemoryBarrierProcessWide();
            reader = Interlocked.CompareExchange(ref _reader, Background, Nobody);
        }

        if (reader != Nobody)
            return false;

        Settle();
        return true;
    }

    private void EnsureSomebodyReads() => _ = TryReadInBackground();

    /// <returns>
    /// The reading that has begun, null if somebody reads already. If it has to wait, it completes where bytes are found, and nobody who holds a lock is there.
    /// </returns>
    private Task? TryReadInBackground()
    {
        TaskCompletionSource ended;
        using (_sender.Enter())
        {
            if (!TryBecomeReaderInBackground())
                return null;

            _backgroundEnded = ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return ReadInBackgroundAsync(ended);
    }

    private async Task ReadInBackgroundAsync(TaskCompletionSource ended)
    {
        var wasOpen = IsOpen;
        try
        {
            while (TakeWhatNeedsNoSession())
            {
                if (TryBeginFill())
                    EndFill(await _input.ReadAsync(CancellationToken.None).ConfigureAwait(false));

                wasOpen = IsOpen;
            }
        }
        catch (IOException error)
        {
            FailFill(error);
        }
        catch (Exception error)
        {
            // The top of a loop. Nothing is expected here: what the network and the peer do wrong is dealt with where it happens.
            ConnectionLog.ReadingFailed(_settings.Logger, Id, error);
            _transport.Abort();
            OnTransportEnded();
        }
        finally
        {
            Interlocked.Exchange(ref _reader, Nobody);
            ended.SetResult();

            // The closing may have begun meanwhile, or the session have ended, and found that somebody was reading.
            if ((_isSessionOver && !Volatile.Read(ref _isTransportEnded)) || (wasOpen && !IsOpen))
                EnsureSomebodyReads();
        }
    }

    /// <returns>Whether more bytes are to be waited for.</returns>
    private bool TakeWhatNeedsNoSession()
    {
        if (Volatile.Read(ref _isTransportEnded))
            return false;

        // The session may have ended after this reading began.
        if (_isSessionOver)
            ReleaseHeld();

        try
        {
            while (!_isReadingOver && _receiving is { } receiving && CanTakeNext() && TryReceive(receiving, out var received))
                OnControlFrame(received);
        }
        catch (ProtocolViolationException violation)
        {
            OnViolation(violation.Code, violation.Message);
        }

        // What follows the closing handshake is discarded, but only after the session has let go of its last message.
        if (_isReadingOver)
        {
            if (_receiving is { } past)
                past.Unread = new UnreadBytes(past.Buffer.Slice(past.Buffer.End));

            return _isSessionOver;
        }

        return IsOpen ? CanTakeNext() : _receiving is not { } held || !_isHeld || held.Buffer.Length < held.Received.Payload.Length + MaxHeldBack;
    }

    private bool CanTakeNext() => !IsOpen || _receiving is not { } receiving || receiving.Assembler.IsControlNext(receiving.Unread.Sequence) is not false;
}
