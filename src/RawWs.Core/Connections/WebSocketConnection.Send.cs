using System.Buffers;
using System.Text;
using System.Text.Unicode;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    private const int StreamPieceSize = 16 * 1024;

    // The number of its policy, and one more; 0 if it has none of its own. A nullable policy is 8 bytes.
    private byte _policy;

    /// <summary>
    /// Is told when nothing waits for the peer any more, after something has waited and while more can be sent. Called by whoever sends at that moment, on
    /// its thread; must not wait. It may send: what the network takes at once has not waited, and calls nobody.
    /// </summary>
    public Action<WebSocketConnection>? Drained
    {
        get => _handlers?.Drained;
        set => Handlers.Drained = value;
    }

    /// <summary>
    /// What happens when the outgoing queue of this connection is full, for all messages whose <see cref="SendOptions"/> don't say it. Null, the default: what
    /// the server's options say, for direct sends and for broadcasts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no policy.</exception>
    public SlowConsumerPolicy? SlowConsumerPolicy
    {
        get => _policy == 0 ? null : (SlowConsumerPolicy)(_policy - 1);
        set => _policy = value is { } policy ? (byte)(policy.Checked() + 1) : (byte)0;
    }

    /// <summary>Bytes that wait for the peer to read: in the outgoing queue, on their way into the network, or with senders that wait.</summary>
    public long BufferedBytes => _sender.BufferedBytes;

    /// <summary>What part of <see cref="BufferedBytes"/> is no direct sender's own.</summary>
    internal long QueuedBytes => _sender.QueuedBytes;

    /// <summary>
    /// How many messages for this connection have been dropped, by policy or because it ended first. A direct send that failed is not among them: its sender
    /// has been told.
    /// </summary>
    public long DroppedCount => _sender.DroppedCount;

    /// <summary>Completes when nothing waits for the peer any more, or the connection has ended.</summary>
    /// <exception cref="OperationCanceledException">The caller no longer wants to wait.</exception>
    public Task WaitForDrainAsync(CancellationToken cancellationToken = default) => _sender.WaitForDrainAsync().WaitAsync(cancellationToken);

    /// <summary>Sends a text message. A surrogate without its other half is sent as U+FFFD, as browsers do.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default) => SendAsync(text, default(SendOptions), cancellationToken);

    /// <summary>Sends a text message. A surrogate without its other half is sent as U+FFFD, as browsers do.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, SendOptions, CancellationToken)"/>
    public ValueTask SendAsync(string text, SendOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (PolicyOf(options) != RawWs.SlowConsumerPolicy.Wait)
            return HandAsync(PreparedMessage.FromText(text), options, cancellationToken);

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, rented);
        return SendRentedAsync(rented, length, options, cancellationToken);
    }

    /// <summary>Sends a message. Messages arrive in the order of these calls.</summary>
    /// <param name="payload">The application data. It must not change before the task has completed.</param>
    /// <param name="type">Text, which must be valid UTF-8, or binary.</param>
    /// <param name="cancellationToken">
    /// Gives up waiting for the messages before this one; a message that has begun is sent to its end. The session's own token gives up nothing: sending ends when
    /// the connection does.
    /// </param>
    /// <returns>
    /// A task that completes when the network has taken the message: at once, unless the peer reads more slowly than we send. It is bounded by
    /// <see cref="WebSocketServerOptions.WriteTimeout"/>, after which the connection is aborted. With another <see cref="RawWs.SlowConsumerPolicy"/> than
    /// to wait, the payload is copied and the task complete at once in any case; <see cref="Send"/> also tells what became of the message.
    /// </returns>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    /// <exception cref="ArgumentException">The text is not valid UTF-8, or the type is neither text nor binary.</exception>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte> payload, MessageType type = MessageType.Binary, CancellationToken cancellationToken = default)
        => SendAsync(payload, type, default, cancellationToken);

    /// <summary>Sends a message in its own way, where <paramref name="options"/> says so. Messages arrive in the order of these calls.</summary>
    /// <param name="payload">The application data. It must not change before the task has completed.</param>
    /// <param name="type">Text, which must be valid UTF-8, or binary.</param>
    /// <param name="options">How this message is sent, where it differs from others.</param>
    /// <param name="cancellationToken">Gives up waiting for the messages before this one; a message that has begun is sent to its end.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)" path="/returns|/exception"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, MessageType type, SendOptions options, CancellationToken cancellationToken = default)
    {
        if (PolicyOf(options) != RawWs.SlowConsumerPolicy.Wait)
            return HandAsync(PreparedMessage.FromBytes(payload.Span, type), options, cancellationToken);

        if (type == MessageType.Text && !Utf8.IsValid(payload.Span))
            throw new ArgumentException("A text message is valid UTF-8; send other bytes as binary.", nameof(payload));

        return _sender.SendAsync(type.ToOpcode(), new ReadOnlySequence<byte>(payload), options, Foreign(cancellationToken));
    }

    /// <summary>Sends a message that was received, here or on another connection, as it is. It must stay borrowed until the task has completed.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)" path="/param|/returns|/exception"/>
    public ValueTask SendAsync(WebSocketMessage message, CancellationToken cancellationToken = default)
        => PolicyOf(default) == RawWs.SlowConsumerPolicy.Wait
            ? _sender.SendAsync(message, Foreign(cancellationToken))
            : HandAsync(PreparedMessage.FromMessage(message), default, cancellationToken);

    /// <summary>Sends a message that was prepared, to this connection as to any other.</summary>
    /// <param name="message">The message.</param>
    /// <param name="options">How it is sent here, where it differs from others.</param>
    /// <param name="cancellationToken">Gives up waiting for the messages before this one; a message that has begun is sent to its end.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)" path="/returns"/>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    public ValueTask SendAsync(PreparedMessage message, SendOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return PolicyOf(options) == RawWs.SlowConsumerPolicy.Wait
            ? _sender.SendAsync(message, options, Foreign(cancellationToken))
            : HandAsync(message, options, cancellationToken);
    }

    /// <summary>
    /// Sends a message, and never waits: what the network does not take at once waits in the outgoing queue, in the order of the calls. If the queue is full,
    /// <see cref="SendOptions.Policy"/> decides, or <see cref="SlowConsumerPolicy"/>, or <see cref="WebSocketServerOptions.BroadcastPolicy"/>; a policy
    /// to wait can't be followed here, and disconnects.
    /// </summary>
    /// <param name="message">The message; a string or a message that was received is copied.</param>
    /// <param name="options">How it is sent, where it differs from others.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    public SendResult Send(PreparedMessage message, SendOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Hand(message, options, PolicyWithoutWaiting(options));
    }

    /// <summary>
    /// Sends everything that can be read from <paramref name="source"/> as one message, in fragments as it comes. Other messages wait until it
    /// is sent, or fill the outgoing queue if nobody waits with them; control frames go between its fragments. It is not compressed. If the source fails after the first fragment, the connection is closed with 1011: a
    /// message that was begun can't be taken back.
    /// </summary>
    /// <param name="source">Where the payload comes from. Read to its end, not disposed.</param>
    /// <param name="type">Text, which must be valid UTF-8, or binary.</param>
    /// <param name="cancellationToken">Ends waiting and reading, the session's own too; after the first fragment it closes the connection, like a failure.</param>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended.</exception>
    /// <exception cref="InvalidDataException">The text is not valid UTF-8.</exception>
    public async ValueTask SendAsync(Stream source, MessageType type = MessageType.Binary, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var (opcode, first) = (type.ToOpcode(), type.ToOpcode());

        await _sender.BeginMessageAsync(cancellationToken).ConfigureAwait(false);
        var rented = ArrayPool<byte>.Shared.Rent(StreamPieceSize);
        var outcome = DropReason.Cancelled;
        try
        {
            var utf8 = default(Utf8Validator);
            int length;
            do
            {
                length = await source.ReadAsync(rented, cancellationToken).ConfigureAwait(false);
                if (type == MessageType.Text && (!utf8.TryAppend(rented.AsSpan(0, length)) || (length == 0 && !utf8.IsAtBoundary)))
                    throw new InvalidDataException("A text message is valid UTF-8; send other bytes as binary.");

                outcome = DropReason.Closed; // Unless it is sent to its end.
                await _sender.SendFragmentAsync(opcode, fin: length == 0, rented.AsMemory(0, length)).ConfigureAwait(false);
                opcode = Opcode.Continuation;
            }
            while (length > 0);

            outcome = DropReason.None;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            if (outcome == DropReason.Closed)
                OnViolation(CloseCode.InternalError, "a message could not be sent to its end");

            _sender.EndMessage(first, outcome);
        }
    }

    /// <summary>Hands over a message without waiting for anybody: part of a broadcast.</summary>
    internal Enqueued Enqueue(PreparedMessage message, in SendOptions options, SlowConsumerPolicy policy)
        => _sender.Enqueue(message, options, policy, isBroadcast: true);

    /// <summary>Hands over messages that leave together, whatever else waits.</summary>
    /// <returns>Whether they, and everything behind them, wait for <see cref="ReleaseSending"/>.</returns>
    internal bool EnqueueAll(ReadOnlySpan<PreparedMessage> messages) => _sender.EnqueueAll(messages);

    /// <summary>What follows <see cref="EnqueueAll"/>: lets go out what it held. Called under no lock, for it may run the application's handlers.</summary>
    internal void ReleaseSending(bool isHeld)
    {
        if (isHeld)
            _sender.ReleaseOutput();

        if (_sender.IsGivenUp && IsOpen)
            OnTooSlow();

        _settings.SendLimits.Backlogs.RelieveIfNeeded();
    }

    /// <summary>How many messages are in the outgoing queue or in flight.</summary>
    internal int QueuedCount => _sender.QueuedCount;

    /// <summary>Until it has caught up, nobody waits for this peer any more before sending more.</summary>
    internal void WriteOff() => _sender.WriteOff();

    /// <summary>Its queue was full, and its policy is to disconnect.</summary>
    internal void OnTooSlow()
    {
        _settings.Refusals.Report(RefusalReason.SlowReader);
        OnViolation(CloseCode.PolicyViolation, "the peer reads too slowly");
    }

    /// <summary>All queues together are too large, and this is the longest.</summary>
    internal void OnOverBudget()
    {
        _settings.Refusals.Report(RefusalReason.QueueMemory);
        _sender.Forfeit();
        OnViolation(CloseCode.TryAgainLater, "too much waits for slow readers");
    }

    /// <summary>Nothing waits any more.</summary>
    internal void OnDrained()
    {
        try
        {
            Drained?.Invoke(this);
        }
        catch (Exception error)
        {
            // The top of the application's code here: its fault, and nobody else's.
            ConnectionLog.DrainedHandlerFailed(_settings.Logger, Id, error);
        }
    }

    /// <summary>What happens to a message that nobody waits for if the queue is full.</summary>
    internal SlowConsumerPolicy PolicyWithoutWaiting(in SendOptions options, SlowConsumerPolicy? ofRoom = null) => BroadcastPolicyOf(options, ofRoom) switch
    {
        RawWs.SlowConsumerPolicy.Wait => RawWs.SlowConsumerPolicy.Disconnect,
        var policy => policy,
    };

    /// <summary>What happens to a broadcast if the queue is full.</summary>
    internal SlowConsumerPolicy BroadcastPolicyOf(in SendOptions options, SlowConsumerPolicy? ofRoom = null)
        => options.Policy ?? SlowConsumerPolicy ?? options.ImpliedPolicy ?? ofRoom ?? _settings.SendLimits.BroadcastPolicy;

    /// <summary>
    /// A token that ends something; none for the session's own. Sending and reading end by themselves when the connection does, and the session's token says so earlier where the server stops: what is in the
    /// midst of something may end it, until it is this connection's turn to be closed.
    /// </summary>
    internal CancellationToken Foreign(CancellationToken cancellationToken) => cancellationToken == EndingToken ? CancellationToken.None : cancellationToken;

    private SlowConsumerPolicy PolicyOf(in SendOptions options) => options.Policy ?? SlowConsumerPolicy ?? options.ImpliedPolicy ?? _settings.SendLimits.SendPolicy;

    private ValueTask HandAsync(PreparedMessage message, in SendOptions options, CancellationToken cancellationToken)
    {
        if (Foreign(cancellationToken).IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        Hand(message, options, PolicyOf(options));
        return default;
    }

    private SendResult Hand(PreparedMessage message, in SendOptions options, SlowConsumerPolicy policy) => _sender.Enqueue(message, options, policy, isBroadcast: false) switch
    {
        Enqueued.Sent => SendResult.Sent,
        Enqueued.Dropped => SendResult.Dropped,
        Enqueued.Closed => throw new WebSocketClosedException("The connection is closing or has ended; nothing can be sent any more."),
        _ => SendResult.Queued,
    };

    private async ValueTask SendRentedAsync(byte[] rented, int length, SendOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await _sender.SendAsync(Opcode.Text, new ReadOnlySequence<byte>(rented, 0, length), options, Foreign(cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
