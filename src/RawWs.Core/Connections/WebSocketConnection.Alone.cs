using RawWs.Connections;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs;

// Nearly always a read brings one whole message and nothing else. Where a handler is called with it, it needs nothing but the bytes: they stay with the transport until the handler is done, and
// then all of them are given back. Only when somebody else comes to read meanwhile they are taken over, as if they had been read in the usual way.
public sealed partial class WebSocketConnection
{
    // Whether the message that the application works on is all that was read, and still the transport's. Changed by whoever reads.
    private bool _isAlone;

    /// <summary>Takes what a read has brought that had to wait, if it is one whole message and nothing else. Called by whoever reads.</summary>
    /// <returns>Whether it was, and reading has ended; otherwise the read is to be ended in the usual way.</returns>
    private bool TryTakeAlone(SegmentReader input, out WebSocketMessage message)
    {
        message = default;
        if (_receiving is not null || _isStreaming || _isReadingOver || !IsOpen || _settings.MaxMessageRate is not null || _settings.MaxByteRate is not null)
            return false;

        try
        {
            if (!input.TryEndReadInOnePiece(out var bytes) || !MessageAssembler.TryReceiveAlone(bytes, _settings.Limits, _settings.Metrics, out var received))
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
        EndReading();
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

    /// <summary>Takes over a message that was taken by <see cref="TryTakeAlone"/>, which the application still works on. Called by whoever begins to read.</summary>
    private void Settle()
    {
        if (!_isAlone)
            return;

        _isAlone = false;
        _mustAdvance = true;
        var receiving = _receiving = ReceiveState.Take(_settings.Limits, _inflater, _settings.Metrics);
        receiving.Buffer = ((SegmentReader)_input).Unconsumed; // It has been read from there.
        receiving.Unread = new UnreadBytes(receiving.Buffer.Slice(receiving.Buffer.End));
    }
}
