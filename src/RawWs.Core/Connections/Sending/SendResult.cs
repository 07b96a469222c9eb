namespace RawWs;

/// <summary>What became of a message by the time its send had completed.</summary>
public enum SendResult
{
    /// <summary>The network has taken it.</summary>
    Sent,

    /// <summary>It waits for the peer to read. It may still be dropped, if the policy of a later message says so or the connection ends.</summary>
    Queued,

    /// <summary>It was dropped, because the outgoing queue is full; see <see cref="SlowConsumerPolicy"/>.</summary>
    Dropped,
}
