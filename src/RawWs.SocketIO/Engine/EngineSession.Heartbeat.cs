namespace RawWs.SocketIO.Engine;

// The server pings, and the client answers by whatever transport it has at that moment; in protocol 3 it is the other way round.
internal sealed partial class EngineSession
{
    private static readonly TimeSpan ShortestTime = TimeSpan.FromMilliseconds(1);

    private long _dueAt;

    private void OnTimer()
    {
        var mustPing = false;
        lock (_gate)
        {
            if (_state == SessionState.Closed || !IsDue_NeedsLock())
                return;

            if (_heartbeat == Heartbeat.Idle)
            {
                mustPing = true;
                Arm_NeedsLock(Heartbeat.AwaitsPong, _options.PingTimeout);
            }
            else if (_heartbeat is (Heartbeat.AwaitsPong or Heartbeat.AwaitsLatePong or Heartbeat.AwaitsPing) && Volatile.Read(ref _receivingCount) > 0)
            {
                // We are busy with what the client said before, and its heartbeat may wait behind that: no blame for our own slowness.
                Arm_NeedsLock(_heartbeat, _options.PingTimeout);
                return;
            }
        }

        if (mustPing)
            Send(Ping);
        else
            End(DisconnectReason.PingTimeout);
    }

    private void OnPong()
    {
        lock (_gate)
        {
            if (_heartbeat is (Heartbeat.AwaitsPong or Heartbeat.AwaitsLatePong) && _state is (SessionState.Polling or SessionState.WebSocket))
                Arm_NeedsLock(Heartbeat.Idle, _options.PingInterval);
        }
    }

    // A pong may be stuck behind what the client uploads: once for each ping its time begins anew with something else that comes, as in Node's server.
    private void OnOtherThanPong()
    {
        // Once for each message, and so without the lock: what comes in the very moment of a ping may count or not.
        if (_heartbeat != Heartbeat.AwaitsPong)
            return;

        lock (_gate)
        {
            if (_heartbeat == Heartbeat.AwaitsPong && _state is (SessionState.Polling or SessionState.WebSocket))
                Arm_NeedsLock(Heartbeat.AwaitsLatePong, _options.PingTimeout);
        }
    }

    private void OnPing()
    {
        lock (_gate)
        {
            if (_state is SessionState.Polling or SessionState.WebSocket)
                BeginHeartbeat_NeedsLock();
        }

        Send(Pong);
    }

    private void BeginHeartbeat_NeedsLock()
    {
        if (IsLegacy)
            Arm_NeedsLock(Heartbeat.AwaitsPing, _options.PingInterval + _options.PingTimeout);
        else
            Arm_NeedsLock(Heartbeat.Idle, _options.PingInterval);
    }

    private void Arm_NeedsLock(Heartbeat heartbeat, TimeSpan time)
    {
        _heartbeat = heartbeat;
        _dueAt = _options.TimeProvider.GetTimestamp() + (long)(time.TotalSeconds * _options.TimeProvider.TimestampFrequency);
        _timer.Change(time, Timeout.InfiniteTimeSpan);
    }

    // A timer that had fired may have waited for the lock while it was armed anew, for something else. And its clock is coarser than ours: it may be early.
    private bool IsDue_NeedsLock()
    {
        var left = _options.TimeProvider.GetElapsedTime(_options.TimeProvider.GetTimestamp(), _dueAt);
        if (left <= TimeSpan.Zero)
            return true;

        _timer.Change(left > ShortestTime ? left : ShortestTime, Timeout.InfiniteTimeSpan);
        return false;
    }
}
