using RawWs.Connections;
using RawWs.Http;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>The one deadline of a connection from its acceptance until it is a WebSocket or has ended. It is for one thing at a time, and always absolute.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="core">The server.</param>
/// <param name="transport">The connection.</param>
internal sealed class RequestDeadline(ServerCore core, TransportConnection transport) : Deadline, IExchangeDeadlines
{
    private readonly Lock _gate = new();
    private readonly DeadlineWheel _wheel = core.Wheels.Of(transport.Scheduler);
    private WaitingFor _waitingFor;
    private long _lateAt = long.MaxValue;
    private volatile bool _isLate;

    /// <summary>Whether what was waited for is late, if it is not the peer's taking or going. It stays so until something else is waited for: what has come at the last moment was not late.</summary>
    public bool IsLate => _isLate;

    /// <summary>Ends the waiting for a head, wherever that is stuck. Set before the first deadline begins.</summary>
    public required Action OnLate { get; init; }

    /// <summary>From now on this is waited for, and nothing else.</summary>
    public void Begin(WaitingFor waitingFor, TimeSpan timeout)
    {
        lock (_gate)
        {
            _isLate = false;
            Begin_NeedsLock(waitingFor, timeout);
        }
    }

    /// <summary>If a head is waited for: no longer than this, from now on.</summary>
    public void Hasten(TimeSpan timeout)
    {
        lock (_gate)
        {
            if (_waitingFor == WaitingFor.Head && timeout != Timeout.InfiniteTimeSpan && _wheel.Now + timeout.Ticks < _lateAt)
                Begin_NeedsLock(WaitingFor.Head, timeout);
        }
    }

    /// <inheritdoc/>
    public void BeginBody() => Begin(WaitingFor.Body, core.Options.HttpBodyTimeout);

    /// <inheritdoc/>
    public void BeginWrite() => Begin(WaitingFor.Peer, core.Options.WriteTimeout);

    /// <inheritdoc/>
    public void End() => Begin(WaitingFor.Nothing, Timeout.InfiniteTimeSpan);

    internal override void OnDue()
    {
        WaitingFor late;
        lock (_gate)
        {
            // What was late has come at the last moment, and something else is waited for.
            if (_lateAt > _wheel.Now)
                return;

            late = _waitingFor;
            _isLate |= late != WaitingFor.Peer;

            // Whoever is told has time to answer. But a handler may take its own, and learns when it reads on.
            if (late == WaitingFor.Body)
                Begin_NeedsLock(WaitingFor.Nothing, Timeout.InfiniteTimeSpan);
            else
                Begin_NeedsLock(WaitingFor.Peer, core.Options.CloseTimeout);
        }

        if (late == WaitingFor.Peer)
            transport.Abort();
        else
            OnLate();
    }

    private void Begin_NeedsLock(WaitingFor waitingFor, TimeSpan timeout)
    {
        var wasWaiting = _lateAt != long.MaxValue;
        _waitingFor = waitingFor;
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            _lateAt = long.MaxValue;
            if (wasWaiting)
                _wheel.Cancel(this);
            return;
        }

        _lateAt = _wheel.Now + timeout.Ticks + DeadlineWheel.Tick.Ticks;
        _wheel.Schedule(this, _lateAt);
    }
}
