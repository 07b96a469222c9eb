using System.Buffers;
using System.IO.Pipelines;
using RawWs.Connections;
using RawWs.Protocol;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    // The transport's. Asked for once, for a message needs nothing else of the transport.
    private readonly PipeReader _input;
    private PendingReceive? _pendingReceive;

    // Null while it waits with nothing at hand, which is most of its life.
    private ReceiveState? _receiving;
    private bool _mustAdvance;
    private bool _isInputCompleted;

    // Whether the application works on a message that lies in what was read last, which therefore must stay where it is.
    private bool _isHeld;
    private long _heldLength;

    private WebSocketMessageStream? _stream;
    private bool _isStreaming;
    private bool _isReadingOver;

    /// <summary>
    /// The messages of this connection, one after the other, until it closes. Each is valid until the next is asked for: copy what you keep.
    /// While one is being worked on, nothing more is read from this peer: that is the backpressure.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting with an <see cref="OperationCanceledException"/>. The session's own token does not
    /// throw: when it is cancelled because the connection closes, the messages simply end.</param>
    /// <exception cref="InvalidOperationException">Somebody else is reading this connection.</exception>
    public IAsyncEnumerable<WebSocketMessage> ReadMessagesAsync(CancellationToken cancellationToken = default) => new MessageSequence(this, cancellationToken);

    /// <summary>The next message, valid until the one after it is asked for; null once the connection closes.</summary>
    /// <inheritdoc cref="ReadMessagesAsync" path="/param|/exception"/>
    public async ValueTask<WebSocketMessage?> ReceiveAsync(CancellationToken cancellationToken = default)
        => await ReadNextAsync(Wanted.Message, cancellationToken).ConfigureAwait(false)
            ? CurrentMessage
            : null;

    /// <summary>
    /// The next message as a stream, for messages that are larger than memory: it can be read as soon as the first bytes have arrived, and
    /// nothing but the piece at hand is kept. Limited by <see cref="WebSocketServerOptions.MaxStreamedMessageSize"/>. What is not read of it
    /// when the next message is asked for is skipped.
    /// </summary>
    /// <returns>The stream; null once the connection closes.</returns>
    /// <inheritdoc cref="ReadMessagesAsync" path="/param|/exception"/>
    public async ValueTask<WebSocketMessageStream?> ReceiveStreamAsync(CancellationToken cancellationToken = default)
    {
        if (!await ReadNextAsync(Wanted.Stream, cancellationToken).ConfigureAwait(false))
            return null;

        var received = _receiving!.Received; // There is one.
        return _stream = new WebSocketMessageStream(this, received.Type, received.Payload, received.EndOfMessage);
    }

    /// <summary>All messages, for whoever has no token or the session's own. However often it is asked for, it is the same.</summary>
    internal IAsyncEnumerator<WebSocketMessage> Messages => Pending;

    /// <summary>The next message, as a step through all of them.</summary>
    /// <returns>Whether there is one: it is <see cref="CurrentMessage"/>.</returns>
    internal ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken) => ReadNextAsync(Wanted.Message, cancellationToken);

    /// <summary>The message that was received last.</summary>
    internal WebSocketMessage CurrentMessage => _receiving is { } receiving ? new(receiving.Received) : default;

    /// <summary>The next piece of the message that <paramref name="stream"/> reads.</summary>
    /// <exception cref="WebSocketClosedException">The connection ended before the message did.</exception>
    /// <exception cref="InvalidOperationException">The next message has been asked for, or the session has ended.</exception>
    internal async ValueTask<(ReadOnlySequence<byte> Payload, bool EndOfMessage)> ReadPartAsync(
        WebSocketMessageStream stream, CancellationToken cancellationToken)
    {
        ThrowIfStale(stream);
        if (!await ReadNextAsync(Wanted.Part, cancellationToken).ConfigureAwait(false))
            throw new WebSocketClosedException("The connection ended before the message did.");

        var received = _receiving!.Received; // There is one.
        return (received.Payload, received.EndOfMessage);
    }

    /// <summary>Makes sure that what <paramref name="stream"/> has at hand is still its own.</summary>
    /// <exception cref="InvalidOperationException">The next message has been asked for, or the session has ended.</exception>
    internal void ThrowIfStale(WebSocketMessageStream stream)
    {
        if (stream != _stream)
            throw new InvalidOperationException("The next message has been asked for, or the session has ended; a stream is read before that.");
    }

    /// <summary>Reads until what is wanted has been received.</summary>
    /// <returns><see langword="false"/> if there is nothing more to come.</returns>
    private ValueTask<bool> ReadNextAsync(Wanted wanted, CancellationToken cancellationToken)
    {
        var foreign = Foreign(cancellationToken);
        var isReader = !foreign.IsCancellationRequested && TryBecomeReader(SessionAtHand);
        if (isReader && TryTakeAtHand(wanted))
            return new ValueTask<bool>(true);

        return isReader ? ReadOnAsync(wanted, foreign) : ReadInTurnAsync(wanted, foreign);
    }

    /// <summary>Takes what is wanted from the bytes that are there already: a read often brings several messages.</summary>
    /// <returns>Whether it was there, and reading has ended. Otherwise it goes on.</returns>
    private bool TryTakeAtHand(Wanted wanted)
    {
        try
        {
            LetGo(wanted);
            if (_receiving is not { } receiving || receiving.Unread.IsEmpty || !TryTakeMessage(wanted))
            {
                Volatile.Write(ref _reader, Session);
                return false;
            }
        }
        catch
        {
            // A handler for control frames failed.
            EndReadingAtHand();
            throw;
        }

        EndReadingAtHand();
        return true;
    }

    /// <summary>Reads as soon as nobody else does.</summary>
    private async ValueTask<bool> ReadInTurnAsync(Wanted wanted, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!TryBecomeReader(Session))
            await TakeOverReadingAsync(cancellationToken).ConfigureAwait(false);

        LetGo(wanted);
        return await ReadOnAsync(wanted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads. The caller has become the reader, and is it no more when the result is there.</summary>
    private ValueTask<bool> ReadOnAsync(Wanted wanted, CancellationToken cancellationToken)
        => Pending.BeginAsync(wanted, cancellationToken);

    private PendingReceive Pending => _pendingReceive ??= new PendingReceive(this);

    /// <summary>Gives back what is parsed.</summary>
    /// <returns>Whether more is to be read; otherwise the end has come.</returns>
    private bool TryBeginFill()
    {
        var receiving = _receiving;
        var hasIncomplete = receiving is not null && (!receiving.Unread.IsEmpty || receiving.Assembler.IsInFrame || receiving.Assembler.IsInMessage);

        // All that came before the end of the stream has been parsed: what is incomplete now stays so.
        if (_isInputCompleted)
        {
            OnTransportEnded();
            return false;
        }

        if (receiving is not null)
            GiveBack(receiving);

        BeginWaiting(hasIncomplete && !_isStreaming);
        return true;
    }

    private void GiveBack(ReceiveState receiving)
    {
        ref readonly var buffer = ref receiving.Buffer;
        _heldLength = _isHeld ? buffer.Slice(0, receiving.Unread.Start).Length : 0;
        if (_mustAdvance)
        {
            NoteKnownBytes(_isHeld ? buffer.Length : receiving.Unread.Length);
            _input.AdvanceTo(consumed: _isHeld ? buffer.Start : receiving.Unread.Start, examined: buffer.End);
        }

        _mustAdvance = false;
        if (_isHeld || _isReadingOver || receiving.Assembler.IsInMidst)
        {
            (receiving.Buffer, receiving.Unread) = (default, default);
            return;
        }

        _receiving = null;
        receiving.Return();
    }

    private void EndFill(in ReadResult result)
    {
        _mustAdvance = true;
        var receiving = _receiving ??= ReceiveState.Take(_settings.Limits, _inflater, _settings.Metrics);
        receiving.Buffer = result.Buffer;
        NoteFreshBytes(result.Buffer.Length);
        receiving.Unread = new UnreadBytes(_heldLength == 0 ? result.Buffer : result.Buffer.Slice(_heldLength));
        _isInputCompleted = result.IsCompleted;
        EndWaiting(hasNews: true);
    }

    private void FailFill(Exception error)
    {
        EndWaiting(hasNews: false);
        if (error is IOException)
            OnTransportEnded();
    }

    /// <summary>Takes control frames, and then what is wanted, from the bytes that are there.</summary>
    private bool TryTakeMessage(Wanted wanted) => _receiving is { } receiving && TryTakeMessage(receiving, wanted);

    private bool TryTakeMessage(ReceiveState receiving, Wanted wanted)
    {
        // Mostly the last one was the last: there is nothing at hand.
        if (receiving.Unread.IsEmpty && !receiving.Assembler.IsInMidst)
            return false;

        try
        {
            // Which way the next message is delivered is decided where it begins; a part belongs to one that has begun.
            receiving.Assembler.Streaming = wanted != Wanted.Message;

            // Straight to where it is kept: a copy of what has just been written would have to wait for it.
            ref var received = ref receiving.Received;
            while (TryReceive(receiving, out received))
            {
                if (received.Kind is not (ReceivedKind.Message or ReceivedKind.MessagePart))
                {
                    OnControlFrame(received);
                    continue;
                }

                // The rest of a stream that nobody read to its end is skipped. It is nobody's, and not held.
                var isLeftOver = _isStreaming && wanted != Wanted.Part;
                _isStreaming = !received.EndOfMessage;
                if (isLeftOver)
                    continue;

                _isHeld = true;
                return true;
            }
        }
        catch (ProtocolViolationException violation)
        {
            OnViolation(violation.Code, violation.Message);
        }

        return false;
    }

    private bool TryReceive(ReceiveState receiving, out Received received)
    {
        received = default;

        // After a cancelled read nothing is at hand: what it gave back is offered again, from the same start, by the next.
        if (_isReadingOver || !_mustAdvance)
            return false;

        // After our close frame the peer's data is of no interest any more, only its close frame.
        var assembler = receiving.Assembler;
        assembler.Discarding = _handshake.State != CloseState.Open;
        if (assembler.Discarding)
            return assembler.TryReceive(ref receiving.Unread, out received);

        CountFreshBytes();
        var isReceived = assembler.TryReceive(ref receiving.Unread, out received);

        // What is incomplete behind it has begun only now.
        if (isReceived && !assembler.IsInMessage)
            _incompleteSince = long.MaxValue;

        CountReceived(assembler, isReceived, received);
        return isReceived;
    }

    /// <summary>The session is done with what it has been given.</summary>
    private void LetGo(Wanted wanted)
    {
        ReleaseHeld();
        if (wanted != Wanted.Part)
            _stream = null;
    }

    private void ReleaseHeld()
    {
        _isHeld = false;
        if (_receiving is not { } receiving)
            return;

        receiving.Received = default;
        receiving.Assembler.ReleaseDelivered();
    }

    private enum Wanted
    {
        Message,
        Stream,
        Part,
    }
}
