using RawWs.Connections;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs;

// Nearly always a read brings one whole message and nothing else. Where a handler is called with it, it needs nothing but the bytes: they stay with the transport until the handler is done, and
// then all of them are given back. Only when somebody else comes to read meanwhile, or the handler waits for something with bytes that are lent, they are taken over as if they had been read in the
// usual way.
public sealed partial class WebSocketConnection
{
    // Whether the message that the application works on is all that was read, and still the transport's. Changed by whoever reads.
    private bool _isAlone;

    /// <summary>Takes what a read has brought that had to wait, if it is one whole message and nothing else. Called by whoever reads.</summary>
    /// <returns>Whether it was, and reading has ended, or will be by <see cref="EndAlone"/> if the handler has not; otherwise the read is to be ended in the usual way.</returns>
    private bool TryTakeAlone(SegmentReader input, out WebSocketMessage message)
    {
        message = default;
        bool areLent;
        if (_receiving is not null || _isReadingOver || !IsOpen || _settings.MaxMessageRate is not null || _settings.MaxByteRate is not null)
            return false;

        try
        {
            if (!input.TryEndReadInOnePiece(out var bytes, out areLent) || !MessageAssembler.TryReceiveAlone(bytes, _settings.Limits, _settings.Metrics, out var received))
                return false;

            message = new WebSocketMessage(received);
        }
        catch (ProtocolViolationException violation)
        {
            input.AdvanceToEnd();
            OnViolation(violation.Code, violation.Message);
            return false;
        }

        EndWaiting(hasNews: true);
        _isHeld = _isAlone = true;
        if (areLent)
            Volatile.Write(ref _reader, SessionAlone);
        else
            EndReading();

        return true;
    }

    /// <summary>The handler has ended where it was called: the session reads on, and there is nothing at hand.</summary>
    /// <returns>Whether that is so; otherwise others may have read meanwhile.</returns>
    private bool TryReadOnAfterAlone(SegmentReader? input)
    {
        if (_reader != SessionAlone)
            return false;

        Volatile.Write(ref _reader, Session);
        _isHeld = _isAlone = false;
        input!.AdvanceToEnd(); // It has been read from there.
        return true;
    }

    /// <summary>Becomes the reader of what is at hand, and gives back a message that was taken by <see cref="TryTakeAlone"/>.</summary>
    private bool TryBecomeReaderAfterAlone(SegmentReader? input)
    {
        if (Interlocked.CompareExchange(ref _reader, SessionAtHand, Nobody) != Nobody)
            return false;

        if (_isAlone)
        {
            _isAlone = false;
            input!.AdvanceToEnd(); // It has been read from there.
        }

        return true;
    }

    /// <summary>The handler has not ended where it was called: from here on others may read.</summary>
    private void EndAlone()
    {
        if (_reader != SessionAlone)
            return;

        Settle();
        EndReading();
    }

    /// <summary>Takes over a message that was taken by <see cref="TryTakeAlone"/>, which the application still works on. Called by whoever begins to read.</summary>
    private void Settle()
    {
        if (!_isAlone)
            return;

        _isAlone = false;
        _mustAdvance = true;
        var receiving = _receiving = ReceiveState.Take(_settings.Limits, _inflater, _settings.Metrics);
        var input = (SegmentReader)_input; // It has been read from there.
        _sender.KeepBorrowed();
        input.KeepLent();
        receiving.Buffer = input.Unconsumed;
        receiving.Unread = new UnreadBytes(receiving.Buffer.Slice(receiving.Buffer.End));
    }
}
