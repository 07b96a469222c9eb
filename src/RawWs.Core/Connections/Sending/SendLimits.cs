namespace RawWs.Connections;

/// <summary>How much may wait for the peers of a server, and what happens beyond it.</summary>
internal sealed record SendLimits
{
    /// <summary>Bytes that may wait for one peer.</summary>
    public required long MaxQueueSize { get; init; }

    /// <summary>Messages that may wait for one peer.</summary>
    public required int MaxQueueCount { get; init; }

    /// <summary>What becomes of a direct send to a full queue.</summary>
    public required SlowConsumerPolicy SendPolicy { get; init; }

    /// <summary>What becomes of a broadcast to a full queue.</summary>
    public required SlowConsumerPolicy BroadcastPolicy { get; init; }

    /// <summary>Everybody for whom something waits.</summary>
    public required Backlogs Backlogs { get; init; }
}
