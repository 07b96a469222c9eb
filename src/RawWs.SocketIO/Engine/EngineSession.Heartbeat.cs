namespace RawWs.SocketIO.Engine;

// The server pings, and the client answers by whatever transport it has at that moment.
internal sealed partial class EngineSession
{
    private void OnTimer()
    {
        var mustPing = false;
        lock (_gate)
        {
            if (_state == SessionState.Closed)
                return;

            if (_heartbeat == Heartbeat.Idle)
            {
                mustPing = true;
                Arm_NeedsLock(Heartbeat.AwaitsPong, _options.PingTimeout);
            }
            else if (_heartbeat == Heartbeat.AwaitsPong && _receivingCount > 0)
            {
                // We are busy with what the client said before, and its pong may wait behind that: no blame for our own slowness.
                Arm_NeedsLock(Heartbeat.AwaitsPong, _options.PingTimeout);
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
            if (_heartbeat == Heartbeat.AwaitsPong && _state is (SessionState.Polling or SessionState.WebSocket))
                Arm_NeedsLock(Heartbeat.Idle, _options.PingInterval);
        }
    }

    private void Arm_NeedsLock(Heartbeat heartbeat, TimeSpan time)
    {
        _heartbeat = heartbeat;
        _timer.Change(time, Timeout.InfiniteTimeSpan);
    }
}
