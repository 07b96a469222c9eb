using System.Buffers;
using RawWs.Connections;
using RawWs.Protocol;

namespace RawWs;

// Pings, pongs, and everything that has a deadline. One entry on the server's wheel serves a connection: when it comes up, each deadline is
// looked at, and the entry is set to the earliest of them.
public sealed partial class WebSocketConnection
{
    private readonly ConnectionDeadline _deadline;
    private PendingPings? _pings;

    // Negative before the first.
    private long _roundTripTicks = -1;

    private long _lastReceivedAt;
    private long _pingedAt = long.MaxValue;
    private long _incompleteSince = long.MaxValue;
    private long _stoppedWaitingAt;
    private bool _isWaiting;

    /// <summary>Is told of each ping that arrives, after it has been answered. Set it before the first message is read.</summary>
    public ControlFrameHandler? PingReceived
    {
        get => _handlers?.PingReceived;
        set => Handlers.PingReceived = value;
    }

    /// <summary>Is told of each pong that arrives, whether or not it answers a ping. Set it before the first message is read.</summary>
    public ControlFrameHandler? PongReceived
    {
        get => _handlers?.PongReceived;
        set => Handlers.PongReceived = value;
    }

    /// <summary>The time between the last ping that was answered, the server's own keep-alive included, and its pong; null before the first.</summary>
    public TimeSpan? RoundTripTime => Volatile.Read(ref _roundTripTicks) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    /// <summary>Sends a ping (RFC 6455 §5.5.2) and waits for its pong.</summary>
    /// <returns>The round-trip time.</returns>
    /// <remarks>
    /// A pong comes behind the messages that the peer sent before it: await this in another task than the session, or the session's own slowness
    /// is measured.
    /// </remarks>
    /// <exception cref="WebSocketClosedException">The connection is closing or has ended, or ends before the pong comes.</exception>
    /// <exception cref="InvalidOperationException">16 pings wait for their pong already.</exception>
    /// <exception cref="TimeoutException">No pong came within <see cref="WebSocketServerOptions.KeepAliveTimeout"/>.</exception>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        if (!IsOpen)
            throw new WebSocketClosedException("The connection is closing or has ended; it can't be pinged any more.");

        var waiter = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TrySendPing(waiter))
            throw new InvalidOperationException($"{PendingPings.MaxCount} pings wait for their pong already; wait for one of them.");

        // It may have begun to close before the ping was noted down.
        if (!IsOpen)
            FailPings();

        EnsureSomebodyReads();
        var timeout = _settings.KeepAliveTimeout == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(_settings.KeepAliveTimeout);
        return await waiter.Task.WaitAsync(timeout, _settings.Time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sends an unsolicited pong (RFC 6455 §5.5.3), or answers a ping where <see cref="WebSocketServerOptions.AutomaticPong"/> is off. Never
    /// waits: if the network takes nothing at the moment, only the latest pong is kept for when it does.
    /// </summary>
    /// <param name="payload">At most 125 bytes; for an answer, those of the ping.</param>
    /// <exception cref="ArgumentException">The payload is longer than 125 bytes.</exception>
    public void SendPong(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > FrameHeader.MaxShortPayloadLength)
            throw new ArgumentException($"A control frame carries at most {FrameHeader.MaxShortPayloadLength} bytes.", nameof(payload));

        _sender.SendControl(Opcode.Pong, payload);
    }

    /// <summary>Starts the deadlines. Called once, before the session.</summary>
    internal void BeginKeepAlive()
    {
        _lastReceivedAt = _stoppedWaitingAt = _wheel.ReadClock();
        CheckDeadlines();
    }

    /// <summary>The wheel's time.</summary>
    internal long Now => _wheel.Now;

    /// <summary>The network has taken no more since <paramref name="since"/>, which can be seen already.</summary>
    internal void OnSendBlocked(long since) => Require(since, _settings.WriteTimeout);

    private void OnControlFrame(in Received received)
    {
        Span<byte> copy = stackalloc byte[FrameHeader.MaxShortPayloadLength];
        var payload = copy[..(int)received.Payload.Length];
        received.Payload.CopyTo(payload);

        switch (received.Kind)
        {
            case ReceivedKind.Ping:
                if (_settings.AutomaticPong)
                    _sender.SendControl(Opcode.Pong, payload);
                PingReceived?.Invoke(this, payload);
                break;

            case ReceivedKind.Pong:
                if (_pings?.Answer(payload, _settings.Time.GetTimestamp(), _settings.Time) is { } roundTrip)
                    OnPingAnswered(roundTrip);
                else
                    CountControlFrames(1);
                PongReceived?.Invoke(this, payload);
                break;

            default:
                OnPeerClose(ClosePayload.Read(payload));
                break;
        }
    }

    private void OnPingAnswered(TimeSpan roundTrip)
    {
        Volatile.Write(ref _roundTripTicks, roundTrip.Ticks);
        _settings.Metrics.PingAnswered(roundTrip);
    }

    private bool TrySendPing(TaskCompletionSource<TimeSpan>? waiter)
    {
        var pings = _pings ?? Interlocked.CompareExchange(ref _pings, new PendingPings(), null) ?? _pings;
        Span<byte> payload = stackalloc byte[PendingPings.PayloadLength];
        if (!pings.TryAdd(_settings.Time.GetTimestamp(), waiter, payload))
            return false;

        _sender.SendControl(Opcode.Ping, payload);
        return true;
    }

    private void FailPings() => _pings?.Fail(new WebSocketClosedException("The connection ended before the pong came."));

    private void BeginWaiting(bool hasIncomplete)
    {
        // The time in which nobody listened is no silence of the peer's.
        var now = _wheel.Now;
        var unheard = now - _stoppedWaitingAt;
        _meter?.OnUnheard(now);
        if (unheard > DeadlineWheel.Tick.Ticks)
        {
            _lastReceivedAt += unheard;

            // The ping may have been sent in that time.
            _pingedAt = _pingedAt == long.MaxValue ? long.MaxValue : _pingedAt + now - Math.Max(_pingedAt, _stoppedWaitingAt);
            _incompleteSince = _incompleteSince == long.MaxValue ? long.MaxValue : _incompleteSince + unheard;
        }

        if (!hasIncomplete)
            _incompleteSince = long.MaxValue;
        else if (_incompleteSince == long.MaxValue)
            _incompleteSince = _wheel.Now;

        Volatile.Write(ref _isWaiting, true);

        // Each time: while nobody waited, its deadline may have come up and been passed over.
        if (hasIncomplete)
            Require(_incompleteSince, _settings.MessageTimeout);
    }

    private void EndWaiting(bool hasNews)
    {
        Volatile.Write(ref _isWaiting, false);
        _stoppedWaitingAt = _wheel.Now;
        _meter?.OnListened(_stoppedWaitingAt);
        if (!hasNews)
            return;

        // Any byte is a sign of life, whatever it belongs to.
        _lastReceivedAt = _stoppedWaitingAt;
        _pingedAt = long.MaxValue;
    }

    /// <summary>Makes sure that the deadlines are looked at when <paramref name="timeout"/> has passed since <paramref name="since"/>.</summary>
    private void Require(long since, long timeout)
    {
        // Where an earlier look is still to come, it must see what the caller has noted.
        Interlocked.MemoryBarrier();
        var dueAt = DueAt(since, timeout);
        if (dueAt < _deadline.DueAt)
            _wheel.BringForward(_deadline, dueAt);
    }

    // The wheel's clock is up to one tick old when a beginning is noted down: a tick more, so that no deadline is early.
    private static long DueAt(long since, long timeout)
        => since == long.MaxValue || timeout >= long.MaxValue - since - DeadlineWheel.Tick.Ticks
            ? long.MaxValue
            : since + timeout + DeadlineWheel.Tick.Ticks;

    private void CheckDeadlines()
    {
        var now = _wheel.Now;
        var next = _handshake.State switch
        {
            CloseState.Open => CheckOpen(now),
            CloseState.Closed => long.MaxValue,
            _ => CheckClosing(now),
        };

        // Another thread may have required an earlier look meanwhile; it stands.
        if (next != long.MaxValue)
            _wheel.BringForward(_deadline, next);
    }

    private long CheckClosing(long now)
    {
        var closeBy = DueAt(_closing?.Since ?? long.MaxValue, _settings.CloseTimeout);
        if (now < closeBy)
            return closeBy;

        if (_handshake.State == CloseState.CloseSent)
        {
            Apply(CloseEvent.CloseTimeout, default);
            return DueAt(now, _settings.CloseTimeout);
        }

        Abort("the peer did not end its side in time");
        return long.MaxValue;
    }

    private long CheckOpen(long now)
    {
        _sender.NoteProgress(now);
        var writeBy = DueAt(_sender.BlockedSince, _settings.WriteTimeout);
        if (now >= writeBy)
        {
            Abort("the peer did not take what was sent in time");
            return long.MaxValue;
        }

        // Silence counts only while somebody listens: a session that takes its time is no fault of the peer's.
        var isWaiting = Volatile.Read(ref _isWaiting);
        var messageBy = isWaiting ? DueAt(_incompleteSince, _settings.MessageTimeout) : long.MaxValue;
        var idleBy = DueAt(isWaiting ? Math.Max(_lastReceivedAt, _sender.ProgressedAt) : now, _settings.IdleTimeout);
        var pongBy = isWaiting ? PongDueAt : long.MaxValue;

        if (now >= messageBy)
            return FailOnDeadline(now, CloseCode.PolicyViolation, "a message took too long");

        if (now >= pongBy)
            return FailOnDeadline(now, CloseCode.InternalError, "no pong came in time");

        if (now >= idleBy)
            return FailOnDeadline(now, CloseCode.GoingAway, "nothing was received for too long");

        var pingBy = _pingedAt == long.MaxValue ? DueAt(_lastReceivedAt, _settings.KeepAliveInterval) : DueAt(_pingedAt, _settings.KeepAliveInterval);
        if (now >= pingBy)
        {
            KeepAlive(now);
            pingBy = DueAt(now, _settings.KeepAliveInterval);
            pongBy = PongDueAt;
        }

        return Math.Min(Math.Min(writeBy, messageBy), Math.Min(Math.Min(idleBy, pongBy), pingBy));
    }

    // What waits for a peer that reads slowly goes before a ping, and what has not reached the peer is not answered. Nor is somebody gone who takes something.
    private long PongDueAt => DueAt(Math.Max(_pingedAt, _sender.ProgressedAt), _settings.KeepAliveTimeout);

    private void KeepAlive(long now)
    {
        // Where the network refuses to take more, the one before still waits for it.
        var isAnother = _pingedAt != long.MaxValue;
        if (!isAnother)
            _pingedAt = now;

        if (!isAnother || _sender.BlockedSince == long.MaxValue)
            TrySendPing(waiter: null);

        EnsureSomebodyReads();
    }

    private long FailOnDeadline(long now, CloseCode code, string reason)
    {
        OnViolation(code, reason);
        return DueAt(now, _settings.CloseTimeout);
    }

    private sealed class ConnectionDeadline(WebSocketConnection connection) : Deadline
    {
        internal override void OnDue() => connection.CheckDeadlines();
    }
}
