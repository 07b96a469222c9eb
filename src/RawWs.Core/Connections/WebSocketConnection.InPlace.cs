using RawWs.Connections;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs;

// Nearly always a read brings whole messages and nothing else, mostly one. Where a handler is called with them, they need nothing but the bytes: these stay with the transport until the last handler is
// done, and then all of them are given back. Only when somebody else comes to read meanwhile, or a handler waits for something with bytes that are lent, or something else than a message follows, they are
// taken over as if they had been read in the usual way.
public sealed partial class WebSocketConnection
{
    // How many of the bytes that were read are those of the message that the application works on, and of those before it; 0 if they are not in their place any more. Changed by whoever reads.
    private int _inPlaceLength;

    /// <summary>Takes what a read has brought that had to wait, if it begins with a whole message. Called by whoever reads.</summary>
    /// <param name="input">Where it was read.</param>
    /// <param name="message">The message.</param>
    /// <param name="rest">What follows it. There is only something where nobody else can read meanwhile.</param>
    /// <returns>Whether it does, and reading has ended, or will be by <see cref="EndInPlace"/> if the handler has not; otherwise the read is to be ended in the usual way.</returns>
    private bool TryTakeInPlace(SegmentReader input, out WebSocketMessage message, out ArraySegment<byte> rest)
    {
        message = default;
        rest = default;
        bool areLent;
        if (_receiving is not null || _isReadingOver || !IsOpen || _settings.MaxMessageRate is not null || _settings.MaxByteRate is not null)
            return false;

        try
        {
            if (!input.TryEndReadInOnePiece(out var bytes, out areLent) || !TryTakeFirst(bytes, mayHaveMore: areLent, ref message, out rest))
                return false;

            _inPlaceLength = bytes.Count - rest.Count;
        }
        catch (ProtocolViolationException violation)
        {
            input.AdvanceToEnd();
            OnViolation(violation.Code, violation.Message);
            return false;
        }

        EndWaiting(hasNews: true);
        _isHeld = true;
        if (areLent)
            Volatile.Write(ref _reader, SessionInPlace);
        else
            EndReading();

        return true;
    }

    /// <summary>Takes the message behind the one of which the handler has ended where it was called, if there is a whole one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="rest">What followed the one before, and what follows this one.</param>
    private bool TryTakeNextInPlace(ref WebSocketMessage message, ref ArraySegment<byte> rest)
    {
        if (rest.Count == 0 || !IsOpen)
            return false;

        try
        {
            var length = rest.Count;
            if (!TryTakeFirst(rest, mayHaveMore: true, ref message, out rest))
                return false;

            _inPlaceLength += length - rest.Count;
            return true;
        }
        catch (ProtocolViolationException violation)
        {
            OnViolation(violation.Code, violation.Message);
            return false;
        }
    }

    /// <returns>Whether the bytes begin with a whole message; otherwise all of them are the rest.</returns>
    /// <exception cref="ProtocolViolationException">They do, but the peer broke a rule.</exception>
    private bool TryTakeFirst(in ArraySegment<byte> bytes, bool mayHaveMore, ref WebSocketMessage message, out ArraySegment<byte> rest)
    {
        if (!MessageAssembler.TryReceiveFirst(bytes, mayHaveMore, _settings.Limits, _settings.Metrics, out var received, out var length))
        {
            rest = bytes;
            return false;
        }

        message = new WebSocketMessage(received);
        rest = bytes[length..];
        return true;
    }

    /// <summary>The handlers of all messages that were there have ended where they were called: the session reads on.</summary>
    /// <param name="input">Where they were read.</param>
    /// <param name="hasMore">Whether something follows them, which is at hand from here on.</param>
    /// <returns>Whether that is so; otherwise others may have read meanwhile.</returns>
    private bool TryReadOnAfterInPlace(SegmentReader input, bool hasMore)
    {
        if (_reader != SessionInPlace)
            return false;

        Volatile.Write(ref _reader, Session);
        _isHeld = false;
        if (hasMore)
        {
            Settle();
            return true;
        }

        _inPlaceLength = 0;
        input.AdvanceToEnd();
        return true;
    }

    /// <summary>Becomes the reader of what is at hand, and gives back a message that was taken by <see cref="TryTakeInPlace"/>.</summary>
    private bool TryBecomeReaderAfterInPlace(SegmentReader? input)
    {
        if (Interlocked.CompareExchange(ref _reader, SessionAtHand, Nobody) != Nobody)
            return false;

        if (_inPlaceLength > 0)
        {
            _inPlaceLength = 0;
            input!.AdvanceToEnd(); // It has been read from there.
        }

        return true;
    }

    /// <summary>The handler has not ended where it was called: from here on others may read.</summary>
    private void EndInPlace()
    {
        if (_reader != SessionInPlace)
            return;

        Settle();
        EndReading();
    }

    /// <summary>Takes over what was read and is still in its place, with a message that the application works on. Called by whoever begins to read.</summary>
    private void Settle()
    {
        if (_inPlaceLength == 0)
            return;

        _mustAdvance = true;
        var receiving = _receiving = ReceiveState.Take(_settings.Limits, _inflater, _settings.Metrics);
        var input = (SegmentReader)_input; // It has been read from there.
        _sender.KeepBorrowed();
        input.KeepLent();
        receiving.Buffer = input.Unconsumed;
        receiving.Unread = new UnreadBytes(receiving.Buffer.Slice(_inPlaceLength));
        _inPlaceLength = 0;
    }
}
