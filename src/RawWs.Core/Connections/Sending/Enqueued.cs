namespace RawWs.Connections;

/// <summary>What became of a message that was handed over without waiting.</summary>
internal enum Enqueued
{
    /// <summary>The network has taken it.</summary>
    Sent,

    /// <summary>It waits.</summary>
    Queued,

    /// <summary>It waits, and the queue is more than half full: whoever can wait should, before sending more.</summary>
    Congested,

    /// <summary>It was dropped.</summary>
    Dropped,

    /// <summary>The connection is closing or has ended: the message was not for it any more.</summary>
    Closed,
}
