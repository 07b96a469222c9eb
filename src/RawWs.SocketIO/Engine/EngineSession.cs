using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>
/// An Engine.IO session: one ordered stream of packets in each direction, whatever carries it. This part is its state and what is sent; it is thread-safe.
/// </summary>
/// <remarks>The lock is held for a few lines, and never while the client's code runs. What is sent to a WebSocket is sent under it: that never waits.</remarks>
internal sealed partial class EngineSession : IDisposable
{
    private static readonly EncodedPacket Ping = EncodedPacket.Control(EnginePacketType.Ping);
    private static readonly EncodedPacket Pong = EncodedPacket.Control(EnginePacketType.Pong);
    private static readonly EncodedPacket ClosePacket = EncodedPacket.Control(EnginePacketType.Close);
    private static readonly EncodedPacket Noop = EncodedPacket.Control(EnginePacketType.Noop);
    private static readonly SendOptions Sending = new() { Policy = SlowConsumerPolicy.Disconnect };
    private static readonly SendOptions SendingUncompressed = Sending with { Uncompressed = true };
    private static readonly SendOptions SendingAll = new() { Policy = SlowConsumerPolicy.Wait };

    private readonly Lock _gate = new();
    private readonly EngineOptions _options;
    private readonly PacketFormat _format;
    private readonly Action<EngineSession> _ended;
    private readonly ITimer _timer;
    private PacketQueue _queue;
    private IEngineClient? _client;
    private SessionState _state;
    private WebSocketConnection? _webSocket;
    private TaskCompletionSource<PollingBody>? _poll;
    private Heartbeat _heartbeat;
    private int _receivingCount;
    private bool _isDetached;

    /// <param name="options">What sessions share.</param>
    /// <param name="id">The secret that requests name.</param>
    /// <param name="format">What its client speaks.</param>
    /// <param name="ended">Called once, when nothing more is to be had from the session.</param>
    public EngineSession(EngineOptions options, string id, PacketFormat format, Action<EngineSession> ended)
    {
        (_options, Id, _format, _ended) = (options, id, format, ended);
        _timer = options.TimeProvider.CreateTimer(static session => ((EngineSession)session!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The secret that requests name.</summary>
    public string Id { get; }

    /// <summary>Whether its client speaks protocol 3.</summary>
    public bool IsLegacy => _format.IsLegacy;

    /// <summary>Whether its client may ask for scripts: one of protocol 3 that takes no bytes.</summary>
    public bool TakesScripts => _format is { IsLegacy: true, TakesBinary: false };

    /// <summary>Whether a WebSocket carries it.</summary>
    public bool IsOnWebSocket
    {
        get
        {
            lock (_gate)
            {
                return _state == SessionState.WebSocket;
            }
        }
    }

    /// <summary>Begins on polling.</summary>
    /// <returns>The body of the response.</returns>
    public PollingBody BeginPolling(IEngineClient client)
    {
        bool hasEnded;
        lock (_gate)
        {
            hasEnded = _state == SessionState.Closed;
            if (!hasEnded)
            {
                _client = client;
                CountDetached_NeedsLock();
                BeginHeartbeat_NeedsLock();
            }
        }

        // Only the end of the server comes before the beginning of a session.
        if (hasEnded)
            client.Close(DisconnectReason.ServerShuttingDown);
        else
            client.Open();

        return PollingPayload.Encode(EngineHandshake.Encode(Id, _options, _options.MayUpgrade), _format);
    }

    /// <summary>Sends a packet and its attachments, with nothing between them. Never waits; what can't be sent any more is dropped.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="isVolatile">Whether it is dropped unless it can leave at once.</param>
    /// <returns>Whether it was sent, or waits to be.</returns>
    public bool Send(EncodedPacket packet, bool isVolatile = false)
    {
        TaskCompletionSource<PollingBody>? poll = null;
        var isTooMuch = false;
        lock (_gate)
        {
            switch (_state)
            {
                case SessionState.WebSocket when !isVolatile || _webSocket!.BufferedBytes == 0: // In this state there is one.
                    Write_NeedsLock(packet);
                    break;

                case SessionState.Polling when !isVolatile || _poll is not null:
                    isTooMuch = IsQueueFull_NeedsLock;
                    if (!isTooMuch)
                        _queue.Add(packet);

                    poll = TakePoll_NeedsLock();
                    break;

                default:
                    return false;
            }

            // Under the lock, so that the next packet is not in a response that is before this one.
            poll?.SetResult(_queue.TakeBody(_format));
        }

        if (isTooMuch)
            GiveUp();

        return !isTooMuch;
    }

    /// <summary>
    /// Closes the session from this side, behind what has been sent. On polling the close is in a response of its own: clients act on it before they have acted on what stands beside it, and
    /// would take the end for an accident.
    /// </summary>
    public void Close(DisconnectReason reason)
    {
        IEngineClient? client = null;
        lock (_gate)
        {
            if (_state == SessionState.LastPoll)
                return;

            // Where there is a poll nothing waits, and it has the close. A WebSocket that probes may still come to carry what waits.
            var poll = _state == SessionState.Polling ? TakePoll_NeedsLock() : null;
            poll?.SetResult(BodyOf(ClosePacket));
            if (_state == SessionState.Polling && poll is null)
            {
                (_state, client, _client) = (SessionState.LastPoll, _client, null);
                Arm_NeedsLock(Heartbeat.LastPoll, _options.LastPollTimeout);
            }
        }

        if (client is null)
            End(reason);
        else
            client.Close(reason);
    }

    /// <summary>Ends the session at once: whatever waits is dropped, and a poll is told.</summary>
    public void End(DisconnectReason reason) => EndOnce(reason)?.Close(reason);

    /// <summary>
    /// Ends the session of a client that does not take what it is sent, at once. What it carries messages for is told by another thread: whoever sends may hold locks, which that may want too,
    /// and whoever sends to many does not work on the end of each.
    /// </summary>
    public void GiveUp()
    {
        if (EndOnce(DisconnectReason.TransportError) is { } client)
            _ = Task.Run(() => client.Close(DisconnectReason.TransportError));
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <returns>Whom to tell; null if there is nobody, or somebody else has ended it.</returns>
    private IEngineClient? EndOnce(DisconnectReason reason)
    {
        IEngineClient? client;
        TaskCompletionSource<PollingBody>? poll;
        lock (_gate)
        {
            if (_state == SessionState.Closed)
                return null;

            (_state, client, _client) = (SessionState.Closed, _client, null);
            poll = TakePoll_NeedsLock();
            _queue.TakeAll();
            CloseWebSocket_NeedsLock(reason == DisconnectReason.ServerShuttingDown ? CloseCode.GoingAway : CloseCode.NormalClosure);
            _timer.Dispose();
        }

        poll?.SetResult(BodyOf(ClosePacket));
        _ended(this);
        return client;
    }

    private void Write_NeedsLock(EncodedPacket packet)
    {
        try
        {
            var sending = packet.IsCompressible ? Sending : SendingUncompressed;
            if (_format != PacketFormat.Usual)
            {
                foreach (var message in packet.MessagesFor(_format))
                    _webSocket!.Send(message, sending);

                return;
            }

            _webSocket!.Send(packet.First, sending);
            foreach (var attachment in packet.Attachments)
                _webSocket.Send(attachment, sending);
        }
        catch (WebSocketClosedException)
        {
            // Its session is told, and ends this one.
        }
    }

    // The response continues elsewhere: never under the lock.
    private TaskCompletionSource<PollingBody>? TakePoll_NeedsLock()
    {
        var poll = _poll;
        _poll = null;
        CountDetached_NeedsLock();
        return poll;
    }

    // What is judged is what waits, and not the packet that comes: a client whose next poll is on its way takes that, however large it is. While there is a poll, nothing waits.
    private bool IsQueueFull_NeedsLock => _queue.Count >= _options.MaxQueueCount || _queue.Size >= _options.MaxQueueSize;

    private PollingBody BodyOf(EncodedPacket packet) => PollingPayload.Encode([packet], _format);

    // A session that nothing carries at this moment costs its client nothing: how many there are has a limit.
    private void CountDetached_NeedsLock()
    {
        var isDetached = _poll is null && _state is (SessionState.Polling or SessionState.LastPoll);
        if (isDetached == _isDetached)
            return;

        _isDetached = isDetached;
        _options.Detached.Add(isDetached ? 1 : -1);
    }

    private void CloseWebSocket_NeedsLock(CloseCode code = CloseCode.NormalClosure) => _ = _webSocket?.CloseAsync(code);
}
