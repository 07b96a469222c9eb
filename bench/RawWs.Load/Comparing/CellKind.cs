namespace RawWs.Load;

/// <summary>The loads that servers are compared by.</summary>
internal enum CellKind
{
    /// <summary>connections, bytes, in flight: <see cref="EchoRun"/>.</summary>
    Echo,

    /// <summary>connections, bytes, messages per second: <see cref="LatencyRun"/>.</summary>
    Latency,

    /// <summary>members, bytes, under way, or @ and messages per second: <see cref="FanoutRun"/>.</summary>
    Fanout,

    /// <summary>clients of Socket.IO, bytes, under way: <see cref="PollingFanout"/>.</summary>
    Polling,

    /// <summary>connections at once: <see cref="ChurnRun"/>.</summary>
    Churn,

    /// <summary>connections: <see cref="IdleRun"/>.</summary>
    Idle,
}
